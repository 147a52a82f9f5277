"""Slack's rich_text blocks as styled words for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.emoji import Emoji
from rich.text import Text

from sandbox.console.words import printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    Part = dict[str, Any]

_MARKS = {"bold": "bold", "italic": "italic", "strike": "strike", "code": "cyan"}


def rich_text(block: Part, names: Mapping[str, str]) -> Text:
    """Write a rich_text block: sections, lists, quotes and preformatted text."""
    parts = [_part(part, names) for part in block.get("elements", [])]
    return Text("\n").join(parts)


def _part(part: Part, names: Mapping[str, str]) -> Text:
    elements = part.get("elements", [])
    match part.get("type"):
        case "rich_text_list":
            return _list(part, names)
        case "rich_text_quote":
            return Text("│ ", "dim").append_text(_line(elements, names))
        case "rich_text_preformatted":
            line = _line(elements, names)
            line.stylize("cyan")
            return line
        case _:
            return _line(elements, names)


def _list(part: Part, names: Mapping[str, str]) -> Text:
    indent = "  " * (1 + int(part.get("indent", 0)))
    numbered = part.get("style") == "ordered"
    lines = [
        Text(f"{indent}{f'{place}.' if numbered else '•'} ").append_text(
            _part(item, names)
        )
        for place, item in enumerate(part.get("elements", []), 1)
    ]
    return Text("\n").join(lines)


def _line(elements: list[Part], names: Mapping[str, str]) -> Text:
    line = Text()
    for element in elements:
        style = element.get("style", {})
        marks = [name for key, name in _MARKS.items() if style.get(key)]
        line.append(_said(element, names), " ".join(marks))
    return line


def _said(element: Part, names: Mapping[str, str]) -> str:
    match element.get("type"):
        case "user":
            said = "@" + names.get(element["user_id"], element["user_id"])
        case "channel":
            said = "#" + names.get(element["channel_id"], element["channel_id"])
        case "emoji":
            said = Emoji.replace(f":{element['name']}:")
        case "link":
            label, url = element.get("text", ""), element["url"]
            said = f"{label} ({url})" if label else url
        case "date":
            said = element.get("fallback", str(element.get("timestamp", "")))
        case "broadcast":
            said = "@" + element.get("range", "channel")
        case _:
            said = str(element.get("text", ""))
    return printable(said)
