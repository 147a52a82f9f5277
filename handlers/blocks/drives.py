"""The drives of a VM: what was in them, and what is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk.notice import Card, DriveChange
from handlers.blocks.rich import bold, run, section
from handlers.blocks.text import Block, name

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST = 8


def drives(card: Card) -> list[DriveChange]:
    """List the drives that are told of, else those that the inventory has."""
    told = card.drives or tuple(
        DriveChange(device_id=it.device_id, before=it.iso_uuid, after=it.iso_uuid)
        for it in card.vm.vm_cd_roms or ()
    )
    return sorted(told, key=lambda drive: drive.device_id or 0)


def changes(card: Card) -> list[str]:
    """Say only what changed."""
    return [_told(card, it) for it in drives(card) if it.before != it.after]


def drive_items(card: Card) -> Iterator[Block]:
    """Say every drive, a changed one in bold."""
    every = drives(card)
    for drive in every[:_MOST]:
        style = run if drive.before == drive.after else bold
        yield section(style(_told(card, drive)))
    if len(every) > _MOST:
        yield section(run(f"+{len(every) - _MOST} more"))


def _told(card: Card, drive: DriveChange) -> str:
    number = "" if drive.device_id is None else f" {drive.device_id}"
    return f"Drive{name(number, 20) if number else ''}: {_content(card, drive)}"


def _content(card: Card, drive: DriveChange) -> str:
    before, after = _iso(card, drive.before), _iso(card, drive.after)
    if drive.before == drive.after:
        return after
    if before == after:
        before = f"{before} ({name(drive.before or 'no ISO')})"
        after = f"{after} ({name(drive.after or 'no ISO')})"
    return f"{before} → {after}"


def _iso(card: Card, uuid: str | None) -> str:
    return "empty" if uuid is None else name(card.names.get(uuid) or uuid)
