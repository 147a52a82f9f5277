"""A VM: enough of it for a phone, or all that is worth knowing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.blocks.drives import drive_items
from handlers.blocks.hardware import gibibytes, hardware_items
from handlers.blocks.rich import bold, bullets, rich_text, run, section
from handlers.blocks.text import BLANK, Block, name, plain

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from desk.notice import Card

_FEW = 2


def brief_card(card: Card) -> list[Block]:
    """Show the drives first, then the VM in three lines, then the first devices."""
    vm = card.vm
    made = f"{name(str(vm.cpu_num or BLANK), 20)} CPU · {gibibytes(vm.memory_size)} GiB"
    about = f" · {_state(card)} · {name(vm.platform)} · {made}"
    where = f"Host {_host(card)} · Zone {_named(card, vm.zone_uuid)}"
    whose = f"Owner {name(card.owner)} · Created {moment(vm.create_date)}"
    parts = [
        *_list(drive_items(card)),
        section(bold(name(vm.name or vm.uuid)), run(about)),
        section(run(f"{where}\n{whose}")),
        *_list(hardware_items(card, _FEW)),
    ]
    return [rich_text(*parts)]


def full_card(card: Card) -> list[Block]:
    """Show every field and drive; the devices come as rows of a table."""
    title = section(bold(name(card.vm.name or card.vm.uuid)))
    fields = [plain(f"{label}\n{value}") for label, value in _fields(card).items()]
    return [
        rich_text(*_list(drive_items(card)), title),
        {"type": "section", "fields": fields},
    ]


def device_lists(card: Card, most: int) -> list[Block]:
    """Show devices in words, for a message whose one table is taken."""
    return [rich_text(it) for it in _list(hardware_items(card, most))]


def moment(when: datetime | None) -> str:
    """Write a moment with the zone it is meant in."""
    if when is None:
        return BLANK
    return f"{when:%Y-%m-%d %H:%M:%S} {when.tzinfo or ''}".rstrip()


def _fields(card: Card) -> dict[str, str]:
    vm = card.vm
    return {
        "State": _state(card),
        "Platform": name(vm.guest_os_type or vm.platform),
        "CPU": name(str(vm.cpu_num or BLANK), 20),
        "Memory": f"{gibibytes(vm.memory_size)} GiB",
        "Host": _host(card),
        "Cluster": _named(card, vm.cluster_uuid),
        "Zone": _named(card, vm.zone_uuid),
        "Owner": name(card.owner),
        "Created": moment(vm.create_date),
        "UUID": name(vm.uuid),
    }


def _state(card: Card) -> str:
    now = name(card.vm.state)
    changed = card.state_before and card.state_before != card.vm.state
    return f"{name(card.state_before)} → {now}" if changed else now


def _host(card: Card) -> str:
    vm = card.vm
    if vm.host_uuid is None and vm.last_host_uuid:
        return f"{_named(card, vm.last_host_uuid)} (last)"
    return _named(card, vm.host_uuid)


def _named(card: Card, uuid: str | None) -> str:
    return name(card.names.get(uuid or "") or uuid)


def _list(items: Iterable[Block]) -> list[Block]:
    return [bullets(found)] if (found := list(items)) else []
