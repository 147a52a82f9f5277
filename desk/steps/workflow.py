"""What a workflow asks for: whoever made it is nobody here, so a person presses Run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk.command import Next
from desk.errors import UserError
from desk.notice import Slot
from desk.permission import resource_of, ruled, who_is
from desk.person import SERVICE, Standing
from desk.policy import admission
from desk.resolve import find_vms, names_around
from desk.steps.question import ask

if TYPE_CHECKING:
    from desk.command import Command
    from desk.desk import Desk
    from desk.service import Service

UNCLEAR = "unclear"
"""The operation of a step that means nothing; its argument `why` says what to mend."""

_NOBODY = (
    "The step names nobody, so nothing was done. Fill in its “person”, who is then asked "
    "to press Run, or let the policy's “steps” run it under the bot's own access key."
)
_NO_MEMBER = (
    "The step's person is {}, so nothing was done. Put a full member of this workspace "
    "into “person”."
)
_WHO = {
    Standing.GUEST: "a guest of this workspace",
    Standing.STRANGER: "nobody of this workspace",
    Standing.VISITOR: "a member of another workspace",
    Standing.BOT: "a bot",
    Standing.DELETED: "a deactivated account",
}
_NOT_SAID = (
    "Slack cannot say who the step's person is at the moment, so nothing was done. Run "
    "the workflow again in a minute."
)
_IN_YOUR_NAME = "It runs in your name and with your ZStack session, once you press Run and not before."
_BY_WHOM = (
    "Slack tells neither which workflow this is nor who made it; its run is {}. If you "
    "do not expect it, press Not now."
)


async def _runs_alone(desk: Desk, row: Command, service: Service) -> bool:
    """Whether the policy lets it run under the service key, on this very resource."""
    alone = row.model_copy(update={"person": SERVICE})
    _, verdict = await ruled(desk, alone)
    if not verdict.is_allowed or not row.resource_name:
        return verdict.is_allowed
    found = await find_vms(service, row.resource_name)
    if len(found) != 1:
        return False
    names = await names_around(service, found)
    resource = await resource_of(desk, service, found[0], names)
    _, verdict = await ruled(desk, alone, resource)
    return verdict.is_allowed


def _under_the_service_key(row: Command) -> Next:
    """Go on as nobody: the policy stands for whoever would press Run."""
    known = {"person": SERVICE, "person_key": SERVICE.key}
    return Next("decide.1", changes=known | {"memo": row.remember(is_agreed=True)})


async def ask_to_run(desk: Desk, row: Command) -> Next:
    """Ask the person whom the workflow names; UserError when there is nobody to ask.

    Where the policy lets it, it runs under the service key instead, and nobody is asked.
    """
    if row.operation == UNCLEAR:
        raise UserError(row.arguments["why"])
    if desk.service and await _runs_alone(desk, row, desk.service):
        return _under_the_service_key(row)
    if not row.person.user:
        raise UserError(_NOBODY)
    policy = desk.policy()
    # The delivery names the team of the workflow; who presses Run comes with their own.
    person = await desk.directory.at_home(row.person)
    row = row.model_copy(update={"person": person})
    who = await who_is(desk, policy, person)
    if admission(policy, who):
        what = _WHO.get(who.standing)
        raise UserError(_NO_MEMBER.format(what) if what else _NOT_SAID)
    return ask(
        row,
        f"A workflow asks you to run: {row.words}",
        (
            ("Run", "", {"agreed": True, "style": "primary", "slot": Slot.ANSWER}),
            ("Not now", "", {"declined": True, "slot": Slot.ANSWER}),
        ),
        slot=Slot.ANSWER,
        lines=(
            row.asks.summary(),
            _IN_YOUR_NAME,
            _BY_WHOM.format(row.memo.workflow),
        ),
        changes={
            "person": person,
            "person_key": person.key,
            "memo": row.remember(is_told=True),
        },
    )
