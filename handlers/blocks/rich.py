"""Rich text: styled words in which Slack parses nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from handlers.blocks.text import Block, name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from desk.person import Person

_USER = re.compile(r"[UW][A-Z0-9]{1,30}")


def run(text: str) -> Block:
    """Words as they are."""
    return {"type": "text", "text": text}


def bold(text: str) -> Block:
    """Words that catch the eye."""
    return {"type": "text", "text": text, "style": {"bold": True}}


def code(text: str) -> Block:
    """Words to copy."""
    return {"type": "text", "text": text, "style": {"code": True}}


def who(person: Person) -> Block:
    """Mention a person of Slack; name anybody else."""
    if person.team != "shell" and _USER.fullmatch(person.user):
        return {"type": "user", "user_id": person.user}
    return run(name(person.user))


def section(*elements: Block) -> Block:
    """One paragraph."""
    return {"type": "rich_text_section", "elements": list(elements)}


def bullets(items: Iterable[Block]) -> Block:
    """Sections as a list."""
    return {"type": "rich_text_list", "style": "bullet", "elements": list(items)}


def preformatted(text: str) -> Block:
    """Words in a fixed pitch, as they are."""
    return {"type": "rich_text_preformatted", "elements": [run(text)]}


def rich_text(*parts: Block) -> Block:
    """Make a block of `parts`."""
    return {"type": "rich_text", "elements": list(parts)}


def paragraph(*elements: Block) -> Block:
    """Make a block of one paragraph."""
    return rich_text(section(*elements))
