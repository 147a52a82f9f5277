"""A picture of the VM before anything is sent, and the one ISO that is meant."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from api.operation import resource_fields
from desk import resolve as look_up
from desk.command import NOW, Command, Next
from desk.effects import EFFECTS
from desk.notice import Outcome
from desk.policy import CONSENT, Consent
from desk.steps.batch import split
from desk.steps.finish import finish, notice_of
from desk.steps.look import with_drives
from desk.steps.question import AT_MOST, ask
from desk.steps.resolve import nothing_fits

if TYPE_CHECKING:
    from api.models import VmInstance
    from desk.desk import Desk
    from desk.resolve import Ask

_SOURCE = (
    "{vm} is running and was created from {iso}. If it still runs from that ISO, it "
    "loses its system without it. Detach it all the same?"
)
_GONE = "{} was deleted meanwhile, so nothing was done"
_BLIND = "ZStack does not tell what is in the drives of {}, so nothing was done"
_CONSOLE = "Do it in the ZStack console, or run ZStack 3.3 or later."


async def picture(desk: Desk, row: Command) -> Next:
    """Look at the VM, find the ISO or ask; then go on to sending."""
    question: Ask = partial(desk.sessions.call, row.person)
    kinds = {kind: field for field, kind in resource_fields(row.asks).items()}
    found = await look_up.find_vms(question, row.resource_uuid or "")
    if not found:
        return finish(row, Outcome.REFUSED, _GONE.format(row.label))
    vm = await with_drives(question, found[0])
    if vm.vm_cd_roms is None:
        return finish(row, Outcome.REFUSED, _BLIND.format(vm.name), next_step=_CONSOLE)
    known = await _pictured(question, row, vm)
    if row.memo.each:
        return _with(split(known), known)
    if "attached iso" in kinds:
        iso = await _attached_iso(question, known, vm, kinds["attached iso"])
    else:
        iso = await _iso(question, known, kinds["iso"])
    if isinstance(iso, Next):
        return _with(iso, known)
    field, uuid, name = iso
    memo = known.remember(names=known.memo.names | ({uuid: name} if name else {}))
    arguments = known.arguments | {field: uuid}
    ready = known.model_copy(update={"arguments": arguments, "memo": memo})
    return _with(_agreed(ready, uuid), ready)


async def _pictured(question: Ask, row: Command, vm: VmInstance) -> Command:
    """The row with the VM as it is before anything is sent."""
    names = await look_up.names_around(question, [vm])
    owner = await look_up.find_owner(question, vm.uuid)
    found = {
        "resource_name": vm.name,
        "before": vm,
        "memo": row.remember(names=names, owner=owner),
    }
    return row.model_copy(update=found)


def _with(step: Next, row: Command) -> Next:
    """Keep with the step what was found out on the way to it."""
    found = {
        "resource_uuid": row.resource_uuid,
        "resource_name": row.resource_name,
        "before": row.before,
        "arguments": row.arguments,
        "memo": row.memo,
    }
    return replace(step, changes=found | step.changes)


async def _attached_iso(
    question: Ask, row: Command, vm: VmInstance, field: str
) -> tuple[str, str, str] | Next:
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
        return field, attached[0], names.get(attached[0], "")
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


async def _not_attached(
    question: Ask, row: Command, field: str, words: str
) -> tuple[str, str, str] | Next:
    isos = await look_up.find_isos(question, words)
    if isos:
        title = f"{isos[0].name or words} is not attached to {row.label}"
        return finish(row, Outcome.UNCHANGED, title, after=row.before)
    title = f"There is no ISO “{words}” on {row.label}"
    attached = row.before.iso_uuids if row.before else ()
    names = tuple(row.memo.names.get(uuid, uuid) for uuid in attached)
    return nothing_fits(row, title, field, names)


async def _iso(question: Ask, row: Command, field: str) -> tuple[str, str, str] | Next:
    """The ISO to put in, by uuid or exact name."""
    words = row.arguments[field]
    found = await look_up.find_isos(question, words)
    if len(found) == 1:
        return field, found[0].uuid, found[0].name or ""
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


def _agreed(row: Command, iso_uuid: str) -> Next:
    """Go on to sending, unless there is nothing to do or something to ask first."""
    operation, vm = row.to_operation(), row.before
    effect = EFFECTS[row.asks]
    words = row.spoken
    if vm and effect.is_reached(operation, vm):
        return finish(row, Outcome.UNCHANGED, effect.already.format(**words), after=vm)
    doubt = _doubt(row, vm, iso_uuid, words)
    if doubt and not row.memo.confirmed:
        return ask(row, doubt, _yes_or_no(row))
    title = effect.doing.format(**words)
    running = notice_of(
        row, outcome=Outcome.RUNNING, title=title, lines=(_state(vm),) if vm else ()
    )
    return Next(
        "send.1",
        changes={
            "job_uuid": uuid4().hex,
            "sent_at": None,
            "outcome": Outcome.RUNNING,
            "started_at": NOW,
            "memo": row.remember(is_told=True, resends=0),
        },
        notices=((row.place, running),),
    )


def _state(vm: VmInstance) -> str:
    return f"The VM is {vm.state or 'in an unknown state'}."


def _doubt(
    row: Command, vm: VmInstance | None, iso_uuid: str, words: dict[str, str]
) -> str | None:
    if CONSENT[row.asks.rest.risk] is Consent.CONFIRM:
        return f"{row.asks.summary().rstrip('.')}: {row.label}?"
    # A VM that runs from its installation medium loses its root file system.
    is_source = bool(vm and vm.image_uuid == iso_uuid and vm.state == "Running")
    if is_source and "attached iso" in resource_fields(row.asks).values():
        return _SOURCE.format(**words)
    return None


def _yes_or_no(row: Command) -> tuple[tuple[str, str, dict[str, Any]], ...]:
    verb = (row.asks.rest.command or "do").split()[-1].capitalize()
    yes = {"confirmed": True, "style": "danger"}
    return ((f"{verb} it", "", yes), ("Leave it", "", {"declined": True}))
