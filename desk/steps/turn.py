"""Taking turns: commands on the same resource run one after another, as accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk.command import Command, Next
from desk.notice import Outcome
from desk.steps.buttons import choice_of, offer_of
from desk.steps.finish import notice_of

if TYPE_CHECKING:
    from desk.desk import Desk

LOOK_AGAIN = 30.0  # seconds; whoever ends wakes the next, this is for lost wakes
_UNDECIDED = 1.0  # seconds until what an earlier command means should be known


async def take_turn(desk: Desk, row: Command) -> Next:
    """Go on when no earlier command has to do with the same resource."""
    ahead = await desk.ledger.ahead(row)
    if not ahead:
        return Next("picture.1", changes={"turn": row.resource_uuid})
    pause = LOOK_AGAIN if ahead.resource_uuid else _UNDECIDED
    if row.memo.is_told or not ahead.resource_uuid:
        return Next("turn.1", due_in=pause)
    cancel = offer_of(
        row,
        "start",
        "Cancel",
        {
            "operation": "cancel",
            "arguments": {"command_id": row.id},
            "words": f"/zstack cancel {row.id}",
        },
        person_key=row.person.key,
        expires=86_400.0,  # as long as one may wait
    )
    notice = notice_of(
        row,
        outcome=Outcome.ACCEPTED,
        title=f"{row.words}: waits for another command on {row.label} to end",
        choices=(choice_of(cancel),),
    )
    return Next(
        "turn.1",
        due_in=pause,
        changes={"memo": row.remember(is_told=True)},
        notices=((row.place, notice),),
        offers=(cancel,),
    )
