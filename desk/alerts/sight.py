"""What was seen of what alerts are about, in words. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from api.models import Host, VmInstance
    from desk.alerts.resources import Found, Reference
    from desk.alerts.wanted import About

_MOST = 5


def sights(
    abouts: Sequence[About], *, now: float, is_blind: bool, looks: bool
) -> tuple[str, ...]:
    """A line for each resource, each once, with when it was seen.

    `is_blind`: ZStack did not tell. Without `looks` nobody asked it.
    """
    at = f"{datetime.fromtimestamp(now, UTC):%H:%M:%S} UTC"
    named = {it.reference: it.seen for it in abouts if it.reference}
    lines: list[str] = []
    for reference, seen in named.items():
        if seen:
            lines += _lines(reference, seen, at)
        elif is_blind:
            lines.append(f"{reference.words}: ZStack did not tell how it is at {at}.")
        elif looks:
            lines.append(f"“{reference.words}” is nothing that the bot sees in ZStack.")
        else:
            lines.append(f"About {reference.words}, as the alert names it.")
    rest = len(lines) - _MOST
    more = (f"And {rest} more.",) if rest > 0 else ()
    return (*dict.fromkeys(lines[:_MOST]), *more)


def _lines(reference: Reference, seen: Found, at: str) -> Iterator[str]:
    if seen.vm:
        yield f"{_vm(seen.vm, seen)}, seen at {at}"
    elif seen.vms:
        yield f"“{reference.words}” is the name of {len(seen.vms)} VMs."
    for host in seen.hosts:
        yield f"{_host(host)}, seen at {at}"


def _vm(vm: VmInstance, seen: Found) -> str:
    names = seen.names
    host = names.get(vm.host_uuid or "", vm.host_uuid)
    isos = ", ".join(names.get(iso, iso) for iso in vm.iso_uuids)
    parts = [
        f"{vm.name or vm.uuid} is {vm.state or 'in an unknown state'}",
        f" on {host}" if host else "",
        f", with {isos} attached" if isos else "",
    ]
    return "".join(parts)


def _host(host: Host) -> str:
    words = " and ".join(it for it in (host.state, host.status) if it)
    return f"Host {host.name or host.uuid} is {words or 'in an unknown state'}"
