"""Slack's mrkdwn as styled words for a terminal."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from rich.emoji import Emoji
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

_MARKS = re.compile(
    r"```(?P<block>.+?)```"
    r"|`(?P<code>[^`\n]+)`"
    r"|(?<!\w)\*(?P<bold>[^*\n]+)\*(?!\w)"
    r"|(?<!\w)_(?P<italic>[^_\n]+)_(?!\w)"
    r"|(?<!\w)~(?P<strike>[^~\n]+)~(?!\w)"
    r"|<(?P<link>[^<>\n]+)>",
    re.DOTALL,
)
_STYLES = {
    "block": "cyan",
    "code": "cyan",
    "bold": "bold",
    "italic": "italic",
    "strike": "strike",
}


def printable(text: str) -> str:
    """Drop what could steer a terminal; what a VM is called stays mere text."""
    return "".join(
        it for it in text if it in "\n\t" or unicodedata.category(it) != "Cc"
    )


def words(text_object: Mapping[str, Any], names: Mapping[str, str]) -> Text:
    """Write a text object; `names` tells what ids of people and channels are called."""
    text = str(text_object.get("text", ""))
    if text_object.get("type") != "mrkdwn":
        return Text(Emoji.replace(printable(text)))
    return mrkdwn(text, names)


def mrkdwn(text: str, names: Mapping[str, str]) -> Text:
    """Write mrkdwn: the marks become styles, the three escapes become characters."""
    styled, end = Text(), 0
    for mark in _MARKS.finditer(text):
        styled.append(_plain(text[end : mark.start()]))
        kind = mark.lastgroup or ""
        inside = mark[kind]
        if kind == "link":
            styled.append(_link(inside, names), "blue underline")
        else:
            styled.append(_plain(inside), _STYLES[kind])
        end = mark.end()
    return styled.append(_plain(text[end:]))


def _link(inside: str, names: Mapping[str, str]) -> str:
    target, _, label = inside.partition("|")
    if target[:1] in {"@", "#"}:
        return target[0] + printable(names.get(target[1:], label or target[1:]))
    return _plain(f"{label} ({target})" if label else target)


def _plain(text: str) -> str:
    for escape, character in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(escape, character)
    return Emoji.replace(printable(text))
