"""What a command names beside its VM: an ISO, or a host; one of them, or the choices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.operations import GetVmMigrationCandidateHosts
from desk import resolve as look_up
from desk.notice import Outcome
from desk.steps.finish import finish
from desk.steps.question import AT_MOST, ask
from desk.steps.resolve import nothing_fits

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from api.models import Host, VmInstance
    from desk.command import Command, Next
    from desk.resolve import Ask

    Target = tuple[str, str] | Next
    """Its uuid and name, or how the command goes on without it."""


async def _attached_iso(
    question: Ask, row: Command, vm: VmInstance, field: str
) -> Target:
    """The ISO to take out: the one named, else the only one, else ask."""
    names, words = row.memo.names, row.arguments.get(field)
    attached = vm.iso_uuids
    if words:
        chosen = [uuid for uuid in attached if words in {uuid, names.get(uuid)}]
        if not chosen:
            return await _not_attached(question, row, field, words)
        attached = tuple(chosen)
    if not attached:
        return finish(
            row, Outcome.UNCHANGED, f"No ISO is attached to {row.label}", after=vm
        )
    if len(attached) == 1:
        return attached[0], names.get(attached[0], "")
    answers: tuple[tuple[str, str, dict[str, Any]], ...] = tuple(
        (names.get(uuid, uuid), _drive(vm, uuid), {"arguments": {field: uuid}})
        for uuid in attached
    )
    each = {"each": [{field: uuid} for uuid in attached]}
    answers += ((f"All {len(attached)}", "one after the other", each),)
    return ask(row, f"Which ISO shall leave {row.label}?", answers, pick=True)


def _drive(vm: VmInstance, iso_uuid: str) -> str:
    drives = [drive for drive in vm.vm_cd_roms or () if drive.iso_uuid == iso_uuid]
    return f"drive {drives[0].device_id or 0} · {iso_uuid[:8]}"


async def _not_attached(question: Ask, row: Command, field: str, words: str) -> Target:
    isos = await look_up.find_isos(question, words)
    if isos:
        title = f"{isos[0].name or words} is not attached to {row.label}"
        return finish(row, Outcome.UNCHANGED, title, after=row.before)
    title = f"There is no ISO “{words}” on {row.label}"
    attached = row.before.iso_uuids if row.before else ()
    names = tuple(row.memo.names.get(uuid, uuid) for uuid in attached)
    return nothing_fits(row, title, field, names)


async def _iso(question: Ask, row: Command, vm: VmInstance, field: str) -> Target:  # noqa: ARG001  # every target takes the same
    """The ISO to put in, by uuid or exact name."""
    words = row.arguments[field]
    found = await look_up.find_isos(question, words)
    if len(found) == 1:
        return found[0].uuid, found[0].name or ""
    if not found:
        names = await look_up.nearest_isos(question, words)
        return nothing_fits(
            row, f"There is no ISO “{words}” that you may see", field, names
        )
    answers = tuple(
        (
            image.name or image.uuid,
            f"{image.state} · {image.status} · {image.uuid[:8]}",
            {"arguments": {field: image.uuid}},
        )
        for image in found[:AT_MOST]
    )
    return ask(row, f"Which ISO “{words}” do you mean?", answers, pick=True)


async def _target_host(
    question: Ask, row: Command, vm: VmInstance, field: str
) -> Target:
    """The host to go to, among those that ZStack would take."""
    words = row.arguments.get(field)
    hosts = await question(GetVmMigrationCandidateHosts(vm_instance_uuid=vm.uuid))
    fits = [
        host for host in hosts if words in {host.uuid, host.name, host.management_ip}
    ]
    if len(fits) == 1:
        return fits[0].uuid, fits[0].name or ""
    if not hosts:
        title = f"ZStack knows no host that {row.label} could go to"
        hint = "Look at the hosts of its cluster, and whether an ISO is attached to it."
        return finish(row, Outcome.REFUSED, title, next_step=hint)
    if words and not fits:
        known = tuple(filter(None, (host.name for host in hosts)))
        names = look_up.nearest(words, known) or known[: look_up.NEAREST]
        title = f"{row.label} cannot go to a host “{words}”"
        return nothing_fits(row, title, field, names)
    title = f"Which host shall {row.label} go to?"
    return ask(row, title, _hosts(fits or hosts, field), pick=True)


def _hosts(
    hosts: Sequence[Host], field: str
) -> tuple[tuple[str, str, dict[str, Any]], ...]:
    return tuple(
        (
            host.name or host.uuid,
            f"{host.management_ip} · {host.state} · {host.status}",
            {"arguments": {field: host.uuid}},
        )
        for host in hosts[:AT_MOST]
    )


TARGETS: dict[str, Callable[[Ask, Command, VmInstance, str], Awaitable[Target]]] = {
    "attached iso": _attached_iso,
    "iso": _iso,
    "target host": _target_host,
}
