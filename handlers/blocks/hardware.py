"""The NICs and volumes of a VM, a few in words or all of them as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.blocks.rich import bold, run, section
from handlers.blocks.text import BLANK, Block, count, name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api.models import VmInstance, VmNic, Volume
    from desk.notice import Card

HEADER = ("Device", "Name or address", "MAC or size")
_GIB = 2**30

Row = tuple[str, str, str]


def hardware_rows(card: Card) -> list[Row]:
    """List every NIC and volume under a header."""
    rows = [*_nics(card), *_volumes(card.vm)]
    return [HEADER, *rows] if rows else []


def hardware_items(card: Card, most: int) -> Iterator[Block]:
    """Say the first `most` NICs and volumes, and how many there are beyond."""
    for rows, kind in ((_nics(card), "NIC"), (_volumes(card.vm), "volume")):
        for device, what, detail in rows[:most]:
            yield section(bold(device), run(f" {what} · {detail}"))
        if len(rows) > most:
            yield section(run(f"+{count(len(rows) - most, f'more {kind}')}"))


def gibibytes(size: int | None) -> str:
    """Write bytes as GiB, to a tenth; in whole numbers, for sizes beyond floats."""
    if size is None:
        return BLANK
    whole, tenth = divmod((size * 10 + _GIB // 2) // _GIB, 10)
    return name(f"{whole:,}.{tenth}".removesuffix(".0"), 40)


def _nics(card: Card) -> list[Row]:
    nics = sorted(card.vm.vm_nics, key=lambda nic: nic.device_id or 0)
    return [_nic(nic, place) for place, nic in enumerate(nics)]


def _nic(nic: VmNic, place: int) -> Row:
    device = place if nic.device_id is None else nic.device_id
    ips = [used.ip for used in nic.used_ips if used.ip] or [nic.ip or "no IP"]
    return name(f"NIC {device}", 30), name(", ".join(ips)), name(nic.mac)


def _volumes(vm: VmInstance) -> list[Row]:
    def order(volume: Volume) -> tuple[bool, int]:
        return not _is_root(vm, volume), volume.device_id or 0

    return [_volume(vm, volume) for volume in sorted(vm.all_volumes, key=order)]


def _volume(vm: VmInstance, volume: Volume) -> Row:
    kind = "Root volume" if _is_root(vm, volume) else "Volume"
    used = f"{gibibytes(volume.actual_size)} of {gibibytes(volume.size)} GiB"
    return kind, name(volume.name or volume.uuid), used


def _is_root(vm: VmInstance, volume: Volume) -> bool:
    return volume.type == "Root" or volume.uuid == vm.root_volume_uuid
