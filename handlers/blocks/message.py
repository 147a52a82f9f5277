"""A notice as one message of Slack, within every limit."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from desk.notice import Slot
from handlers.blocks.card import brief_card, device_lists, full_card
from handlers.blocks.choices import (
    choice_blocks,
    field_block,
    link_blocks,
    links_blocks,
)
from handlers.blocks.drives import changes
from handlers.blocks.error import error_blocks
from handlers.blocks.hardware import hardware_rows
from handlers.blocks.rich import paragraph, preformatted, rich_text, run
from handlers.blocks.table import table
from handlers.blocks.text import Block, escape, prose, weight
from handlers.blocks.words import (
    advice,
    head,
    headline,
    held,
    said,
    signature,
    spoken,
    voices,
)

if TYPE_CHECKING:
    from desk.notice import Notice

# Slack refuses messages of about 13,200 characters as msg_blocks_too_long, containers
# counted in an unpublished way (slackapi/bolt-js#2509, #2867).
_ROOM = 11_500
_NOTE = 150
_TEXT = 3_000
_CODE = 2_000
_DEVICES = 10


@dataclass(frozen=True)
class Message:
    """What chat.postMessage and chat.update take."""

    text: str
    blocks: tuple[Block, ...]
    metadata: dict[str, Any] | None


def render(notice: Notice) -> Message:
    """Write `notice` the way Slack reads it."""
    press = _press(notice)
    taken = sum(weight(block) for block in press if block["type"] != "actions")
    body = _body(notice, _ROOM - taken)
    return Message(_fallback(notice), (*body, *press), _meta(notice))


def _body(notice: Notice, room: int) -> list[Block]:
    kept = {}
    for part in _BY_IMPORTANCE:
        kept[part] = _fit(part(notice), room - _NOTE)
        room -= weight(kept[part])
    above = (block for part in _ABOVE for block in kept[part])
    below = (block for part in _BELOW for block in kept[part])
    return [*above, *_rows(notice, room - 2 * _NOTE), *below]


def _fit(blocks: list[Block], room: int) -> list[Block]:
    sizes = accumulate(map(weight, blocks))
    kept = [it for it, size in zip(blocks, sizes, strict=True) if size <= room]
    if len(kept) < len(blocks):
        kept.append(paragraph(run("Too long to show here in full.")))
    return kept


def _card(notice: Notice) -> list[Block]:
    if notice.card is None:
        return []
    if not notice.full:
        return brief_card(notice.card)
    lists = device_lists(notice.card, _DEVICES) if notice.table else []
    return [*full_card(notice.card), *lists]


def _error(notice: Notice) -> list[Block]:
    return error_blocks(notice.error) if notice.error else []


def _code(notice: Notice) -> list[Block]:
    return [rich_text(preformatted(prose(notice.code, _CODE)))] if notice.code else []


def _rows(notice: Notice, room: int) -> list[Block]:
    if notice.card and notice.full and not notice.table:
        return table(hardware_rows(notice.card), room)
    return table(notice.table, room)


_ABOVE = (head, held, said, _error, advice, _card, voices)
_BELOW = (_code, signature)
_BY_IMPORTANCE = (head, held, advice, signature, voices, _error, said, _card, _code)


def _press(notice: Notice) -> list[Block]:
    link = link_blocks(*notice.link) if notice.link else []
    links = links_blocks(notice.links)
    field = [field_block(notice.field)] if notice.field else []
    pressed = choice_blocks(notice.choices, pick=notice.pick)
    return [*link, *links, *field, *pressed]


def _fallback(notice: Notice) -> str:
    lines = [headline(notice), notice.progress]
    if notice.card:
        lines += changes(notice.card)
    lines += notice.lines
    lines += map(spoken, notice.voices)
    if notice.error:
        lines.append(str(notice.error.root))
    lines.append(notice.next_step)
    return escape("\n".join(prose(line, _TEXT) for line in lines if line), _TEXT)


def _meta(notice: Notice) -> dict[str, Any] | None:
    # chat.postEphemeral takes no metadata, and a word beside a row is not its state.
    if not notice.command_id or notice.slot in {Slot.PRIVATE, Slot.DIRECT}:
        return None
    other = "zstack_audit" if notice.slot is Slot.AUDIT else "zstack_operation"
    kind = "zstack_alert" if notice.stand else other
    return {"event_type": kind, "event_payload": notice.payload()}
