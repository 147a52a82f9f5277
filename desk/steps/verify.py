"""Proving it: the VM is read again and compared with the picture from before."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from api.errors import ZStackError
from desk.effects import EFFECTS
from desk.errors import UserError
from desk.notice import Outcome
from desk.resolve import names_around
from desk.steps.finish import finish
from desk.steps.look import PROOF, look

if TYPE_CHECKING:
    from api.models import VmInstance
    from desk.command import Command, Next
    from desk.desk import Desk
    from desk.resolve import Ask


async def verify(desk: Desk, row: Command) -> Next:
    """Compare before and after; a job's word alone is not proof."""
    if not row.acts_on_vm:
        return _by_its_job(row)
    seen = await look(desk, row)
    after = seen or row.after
    effect = EFFECTS[row.asks]
    if not after or not effect.can_tell(after):
        title = f"ZStack reported success, but {row.label} cannot be read"
        hint = "Look at the VM in ZStack."
        return finish(row, Outcome.UNKNOWN, title, next_step=hint)
    row = await _with_its_host(desk, row, after)
    if effect.is_reached(row.to_operation(), after):
        title = effect.done.format(**row.spoken)
        lines = _source(row, seen)
        return finish(row, Outcome.SUCCEEDED, title, lines=lines, after=after)
    return finish(
        row,
        Outcome.UNCHANGED,
        effect.unmoved.format(**row.spoken),
        next_step="Look at the VM, then send the command again.",
        after=after,
    )


def _by_its_job(row: Command) -> Next:
    """Believe the job about what can be seen nowhere else."""
    title = EFFECTS[row.asks].done.format(**row.spoken)
    lines = ("ZStack's job said so; it shows this nowhere else.",)
    return finish(row, Outcome.SUCCEEDED, title, lines=lines)


async def _with_its_host(desk: Desk, row: Command, after: VmInstance) -> Command:
    """Learn the name of a host that the VM came to only now."""
    if not after.host_uuid or after.host_uuid in row.memo.names:
        return row
    question: Ask = partial(desk.sessions.call, row.person)
    try:
        names = await names_around(question, [after])
    except (ZStackError, UserError):
        return row  # its uuid is shown
    memo = row.remember(names=row.memo.names | names)
    return row.model_copy(update={"memo": memo})


def _source(row: Command, seen: VmInstance | None) -> tuple[str, ...]:
    """Say what the proof rests on, when it is not both the job and the VM."""
    if not seen:
        return ("Seen in the job's own answer; the VM could not be read.",)
    if row.memo.looks >= PROOF:
        return ("Seen at the VM itself; ZStack's job gave no answer.",)
    return ()
