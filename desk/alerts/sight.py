"""What was seen of what alerts are about, in words. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from api.models import Host, VmInstance
    from desk.alerts.resources import Found, Reference
    from desk.alerts.wanted import About

_MOST = 5


def sights(
    abouts: Sequence[About], *, now: float, looks: Collection[str]
) -> tuple[str, ...]:
    """A line for each resource, each once, with when it was seen.

    `looks` are the clouds that were asked.
    """
    at = f"{datetime.fromtimestamp(now, UTC):%H:%M:%S} UTC"
    each = {(it.reference, it.clouds): it for it in abouts}
    lines = [line for it in each.values() for line in _lines(it, at, looks)]
    rest = len(lines) - _MOST
    more = (f"And {rest} more.",) if rest > 0 else ()
    return (*dict.fromkeys(lines[:_MOST]), *more)


def _lines(about: About, at: str, looks: Collection[str]) -> Iterator[str]:
    reference, seen = about.reference, about.seen
    if not reference:
        return
    if seen:
        yield from _seen(reference, seen, at, about.cloud)
    elif about.is_blind:
        yield f"{reference.words}: ZStack did not tell how it is at {at}."
    elif not set(about.clouds) <= set(looks):
        yield f"About {reference.words}, as the alert names it."
    else:
        where = f" {about.cloud}" if about.cloud else ""
        yield f"“{reference.words}” is nothing that the bot sees in ZStack{where}."


def _seen(reference: Reference, seen: Found, at: str, cloud: str) -> Iterator[str]:
    where = f" in {cloud}" if cloud else ""
    if seen.vm:
        yield f"{_vm(seen.vm, seen, where)}, seen at {at}"
    elif seen.vms:
        yield f"“{reference.words}” is the name of {len(seen.vms)} VMs{where}."
    for host in seen.hosts:
        yield f"{_host(host, where)}, seen at {at}"


def _vm(vm: VmInstance, seen: Found, where: str) -> str:
    names = seen.names
    host = names.get(vm.host_uuid or "", vm.host_uuid)
    isos = ", ".join(names.get(iso, iso) for iso in vm.iso_uuids)
    parts = [
        f"{vm.name or vm.uuid}{where} is {vm.state or 'in an unknown state'}",
        f" on {host}" if host else "",
        f", with {isos} attached" if isos else "",
    ]
    return "".join(parts)


def _host(host: Host, where: str) -> str:
    words = " and ".join(it for it in (host.state, host.status) if it)
    return f"Host {host.name or host.uuid}{where} is {words or 'in an unknown state'}"
