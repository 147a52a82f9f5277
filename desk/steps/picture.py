"""A picture of the VM before anything is sent, and the last questions."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

from api.operation import resource_fields, secret_fields
from desk import resolve as look_up
from desk.command import NOW, Command, Next
from desk.effects import EFFECTS
from desk.notice import Outcome
from desk.permission import resource_of, ruled
from desk.seen import Seen
from desk.steps.approve import approval
from desk.steps.batch import split
from desk.steps.cautions import cautions, state_of
from desk.steps.consent import consent, refused, yes_or_no
from desk.steps.finish import copies_of, finish, notice_of
from desk.steps.look import with_drives
from desk.steps.question import ask, ask_for_secret
from desk.steps.targets import TARGETS

if TYPE_CHECKING:
    from api.models import VmInstance
    from desk.desk import Desk
    from desk.policy import Verdict
    from desk.resolve import Ask

_SOURCE = (
    "{vm} is running and was created from {iso}. If it still runs from that ISO, it "
    "loses its system without it. Detach it all the same?"
)
_GONE = "{} was deleted meanwhile, so nothing was done"
_BLIND = "ZStack does not tell what is in the drives of {}, so nothing was done"
_CONSOLE = "Do it in the ZStack console, or run ZStack 3.3 or later."


async def picture(desk: Desk, row: Command) -> Next:
    """Look at the VM, find what else the words name or ask; then go on to sending."""
    if not row.acts_on_vm:
        return await _agreed(desk, *await ruled(desk, row))
    question: Ask = partial(desk.sessions.call, row.person)
    found = await look_up.find_vms(question, row.resource_uuid or "")
    if not found:
        return finish(row, Outcome.REFUSED, _GONE.format(row.label))
    vm = await with_drives(question, found[0])
    if not EFFECTS[row.asks].can_tell(vm):
        return finish(row, Outcome.REFUSED, _BLIND.format(vm.name), next_step=_CONSOLE)
    known = await _pictured(question, row, vm)
    resource = await resource_of(desk, question, vm, known.memo.names)
    known, verdict = await ruled(desk, known, resource)
    if not verdict.is_allowed:
        return _with(refused(known, verdict.reason), known)
    if known.memo.each:
        return _with(await _parted(desk, known, verdict), known)
    return await _targeted(desk, known, vm, verdict)


async def _targeted(
    desk: Desk, known: Command, vm: VmInstance, verdict: Verdict
) -> Next:
    """Find what the words name beside the VM, or ask."""
    question: Ask = partial(desk.sessions.call, known.person)
    for field, kind in resource_fields(known.asks).items():
        if kind != "vm":
            target = await TARGETS[kind](question, known, vm, field)
            if isinstance(target, Next):
                return _with(target, known)
            known = _aimed(known, field, *target)
    return _with(await _agreed(desk, known, verdict), known)


def _aimed(row: Command, field: str, uuid: str, name: str) -> Command:
    names = row.memo.names | ({uuid: name} if name else {})
    arguments = row.arguments | {field: uuid}
    memo = row.remember(names=names)
    return row.model_copy(update={"arguments": arguments, "memo": memo})


async def _pictured(question: Ask, row: Command, vm: VmInstance) -> Command:
    """The row with the VM as it is before anything is sent."""
    names = await look_up.names_around(question, [vm])
    owner = await look_up.find_owner(question, vm.uuid)
    seen = row.memo.seen or Seen.of(vm, names)
    found = {
        "resource_name": vm.name,
        "before": vm,
        "memo": row.remember(names=names, owner=owner, seen=seen),
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


async def _parted(desk: Desk, row: Command, verdict: Verdict) -> Next:
    """Make several commands of one, unless there is something to ask first."""
    agreed = _moved(row) or await approval(desk, row, verdict)
    if isinstance(agreed, Next):
        return agreed
    step = split(agreed)
    ((_, notice),) = step.notices
    copies = copies_of(agreed, notice, desk.room)
    return replace(step, notices=(*step.notices, *copies))


async def _agreed(desk: Desk, row: Command, verdict: Verdict) -> Next:
    """Go on to sending, unless there is nothing to do or something to ask first."""
    operation, vm = row.to_operation(), row.before
    effect = EFFECTS[row.asks]
    words = row.spoken
    if vm and effect.is_done(operation, vm):
        return finish(row, Outcome.UNCHANGED, effect.already.format(**words), after=vm)
    now = (state_of(vm),) if vm else ()
    if moved := _moved(row):
        return moved
    doubt = _doubt(row, vm)
    if doubt and not row.memo.confirmed:
        return ask(row, doubt, yes_or_no(row), lines=now)
    doubt = effect.question.format(**words)
    told = cautions(operation, vm, row.label) if vm else ()
    agreed = await consent(desk, row, verdict, doubt, lines=told)
    if isinstance(agreed, Next):
        return agreed
    row = agreed
    if not row.secrets.keys() >= set(secret_fields(row.asks)):
        return await ask_for_secret(desk, row)
    title = effect.doing.format(**words)
    running = notice_of(row, outcome=Outcome.RUNNING, title=title, lines=now)
    return Next(
        "send.1",
        changes={
            "job_uuid": uuid4().hex,
            "sent_at": None,
            "outcome": Outcome.RUNNING,
            "started_at": NOW,
            "memo": row.remember(is_told=True, resends=0),
        },
        notices=((row.place, running), *copies_of(row, running, desk.room)),
    )


def _moved(row: Command) -> Next | None:
    """Ask anew when the VM is not as it was when the person decided about it.

    What others were asked about is compared when they have answered.
    """
    seen, vm = row.memo.seen, row.before
    if not seen or not vm or row.memo.approval:
        return None
    now = Seen.of(vm, row.memo.names)
    changes = seen.changes(now)
    if not changes:
        return None
    what = row.words if row.memo.each else EFFECTS[row.asks].to_do.format(**row.spoken)
    title = f"{row.label} has moved on since. Still {what}?"
    memo = {"memo": row.remember(seen=now)}
    # A yes to this is one to everything that there is to ask about the VM as it is now.
    why = tuple(filter(None, (row.memo.doubt, _doubt(row, vm))))
    return ask(row, title, yes_or_no(row), lines=(*why, *changes), changes=memo)


def _doubt(row: Command, vm: VmInstance | None) -> str | None:
    # A VM that runs from its installation medium loses its root file system.
    detaches = "attached iso" in resource_fields(row.asks).values()
    is_source = vm and vm.image_uuid in row.arguments.values()
    if detaches and is_source and vm and vm.state == "Running":
        return _SOURCE.format(**row.spoken)
    return None
