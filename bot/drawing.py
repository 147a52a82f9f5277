"""What is told on a terminal: plain lines, as wide as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

if TYPE_CHECKING:
    from desk.notice import Card, Notice, Voice

console = Console(highlight=False, soft_wrap=True)


def draw(notice: Notice) -> None:
    """Print a notice as plain text."""
    console.print(Text(f"{notice.outcome}: {notice.title}", style="bold"))
    lines = [*notice.lines, notice.progress, notice.next_step, notice.code]
    if notice.error:
        lines[:0] = [str(inner) for inner in notice.error.chain]
    if notice.card:
        names = notice.card.names
        lines += _about(notice.card) if notice.full else []
        lines += [
            f"drive {drive.device_id}: {_iso(drive.before, names)} → {_iso(drive.after, names)}"
            for drive in notice.card.drives
        ]
    lines += [f"{_who(it)}{it.said}" for it in notice.voices]
    lines += [" | ".join(cells) for cells in notice.table]
    if notice.pick or not notice.outcome.is_final:
        lines += [
            f"{number}. {choice.label}  {choice.detail}"
            for number, choice in enumerate(notice.choices, 1)
        ]
    for line in filter(None, lines):
        console.print(Text(f"  {_as_here(line)}"))


def _as_here(line: str) -> str:
    """Name the log-in of the shell: that of Slack shows a page to somebody else."""
    return line.replace("/zstack login", "python -m bot login")


def _who(voice: Voice) -> str:
    return f"{voice.person.user} " if voice.person else ""


def _about(card: Card) -> list[str]:
    """What one wants to know of a VM, a line each."""
    vm, names = card.vm, card.names
    host = vm.host_uuid or vm.last_host_uuid or "none"
    isos = ", ".join(names.get(iso, iso) for iso in vm.iso_uuids)
    return [
        f"uuid {vm.uuid}",
        f"state {vm.state}",
        f"host {names.get(host, host)}",
        f"zone {names.get(vm.zone_uuid or '', vm.zone_uuid)}",
        *(f"nic {nic.ip} {nic.mac}" for nic in vm.vm_nics),
        *(f"volume {volume.name}" for volume in vm.all_volumes),
        f"ISO {isos or 'none'}",
    ]


def _iso(uuid: str | None, names: dict[str, str]) -> str:
    return names.get(uuid, uuid) if uuid else "empty"
