"""Outside words as Slack may show them: nothing hidden, nothing parsed, nothing too long."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

Block = dict[str, Any]
"""A Block Kit block, or a part of one."""

BLANK = "—"
"""Stands where a text has nothing to see; Slack refuses empty texts."""

# A joiner has work to do after emoji and some scripts; after ASCII it only makes two
# names look alike.
_IDLE_JOINER = re.compile("(?<![^\x00-\x7f])[\u200c\u200d]")
_UNUSUAL = re.compile(r"[^\n\t -~]")
_INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_JOINERS = "\u200c\u200d"


def clean(text: str) -> str:
    """Make control, direction and zero-width characters visible; keep the lines."""
    text = _IDLE_JOINER.sub(lambda found: _code_point(found[0]), text)
    return _UNUSUAL.sub(_seen, text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """Clean `text` and mark its line ends, so that it cannot pose as a line of ours."""
    return clean(text).replace("\n", "⏎").replace("\t", "⇥")


def cut(text: str, limit: int) -> str:
    """Shorten to `limit`, an ellipsis included.

    Counted in UTF-16 units: what Slack counts is not documented, and this is the most
    that it may be.
    """
    if size(text) <= limit:
        return text
    return _units(text)[: 2 * (limit - 1)].decode("utf-16-le", "ignore") + "…"


def size(text: str) -> int:
    """Count the UTF-16 units of `text`."""
    return len(_units(text)) // 2


def name(text: str | None, limit: int = 255) -> str:
    """Show a name or another short text on one line, never empty."""
    line = cut(one_line(_start(text, limit)), limit)
    return line if _has_ink(line) else BLANK


def prose(text: str | None, limit: int) -> str:
    """Show a text of several lines, never empty."""
    lines = cut(clean(_start(text, limit)), limit)
    return lines if _has_ink(lines) else BLANK


def plain(text: str) -> Block:
    """Wrap `text` as an object in which Slack parses nothing, emoji codes included."""
    return {"type": "plain_text", "text": text, "emoji": False}


def escape(text: str, limit: int) -> str:
    """Escape `text` for the top-level fallback, never cutting an entity in two."""
    text = cut(text, limit)
    while (excess := size(escaped := _entities(text)) - limit) > 0:
        text = cut(text, size(text) - max(1, excess // len("&amp;")))
    return escaped


def count(number: int, thing: str) -> str:
    """Count `thing`: "1 row", "2 rows"."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def weight(part: Any) -> int:
    """Count all characters of a block that are not keys."""
    if isinstance(part, dict):
        return sum(map(weight, part.values()))
    if isinstance(part, list):
        return sum(map(weight, part))
    return len(part) if isinstance(part, str) else 0


def _start(text: str | None, limit: int) -> str:
    # Cleaning shortens a text by half at most, where every line ends in CR and LF.
    return (text or "")[: 2 * limit + 2]


def _units(text: str) -> bytes:
    return text.encode("utf-16-le", "replace")


def _seen(found: re.Match[str]) -> str:
    character = found[0]
    if character in _JOINERS or unicodedata.category(character) not in _INVISIBLE:
        return character
    return _code_point(character)


def _code_point(character: str) -> str:
    return f"⟨U+{ord(character):04X}⟩"


def _has_ink(text: str) -> bool:
    return any(it.isprintable() and not it.isspace() for it in text)


def _entities(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
