"""Proving it: the VM is read again and compared with the picture from before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk.effects import EFFECTS
from desk.notice import Outcome
from desk.steps.finish import finish
from desk.steps.look import PROOF, look

if TYPE_CHECKING:
    from api.models import VmInstance
    from desk.command import Command, Next
    from desk.desk import Desk


async def verify(desk: Desk, row: Command) -> Next:
    """Compare before and after; a job's word alone is not proof."""
    seen = await look(desk, row)
    after = seen or row.after
    effect = EFFECTS[row.asks]
    if not after or not effect.can_tell(after):
        title = f"ZStack reported success, but {row.label} cannot be read"
        hint = "Look at the VM in ZStack."
        return finish(row, Outcome.UNKNOWN, title, next_step=hint)
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


def _source(row: Command, seen: VmInstance | None) -> tuple[str, ...]:
    """Say what the proof rests on, when it is not both the job and the VM."""
    if not seen:
        return ("Seen in the job's own answer; the VM could not be read.",)
    if row.memo.looks >= PROOF:
        return ("Seen at the VM itself; ZStack's job gave no answer.",)
    return ()
