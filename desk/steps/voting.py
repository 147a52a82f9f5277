"""Saying yes or no to what somebody else asks for, and seeing what waits for a word."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from desk import approvals
from desk.approvals import Vote
from desk.called import by_name
from desk.notice import Outcome
from desk.steps.ballot import vote_offers, what
from desk.steps.buttons import offer_of
from desk.steps.finish import finish, freed
from desk.steps.question import ask_to_prove

if TYPE_CHECKING:
    from typing import Any

    from desk.command import Command, Next
    from desk.desk import Desk
    from desk.person import Person

_SHOWN = 10
_WAITS = "approve.1"
_HEADING = ("Command", "Who asks", "Why", "Approved", "Id")


async def approve(desk: Desk, row: Command) -> Next:
    """Say yes to a command of somebody else's."""
    return await _say(desk, row, approves=True)


async def deny(desk: Desk, row: Command) -> Next:
    """Say no to a command of somebody else's."""
    return await _say(desk, row, approves=False)


async def _say(desk: Desk, row: Command, *, approves: bool) -> Next:
    wanted = await desk.ledger.by_id(row.arguments["command_id"])
    asked = wanted.memo.approval
    question = row.arguments.get("question", asked and asked.question)
    if not asked or asked.question != question:
        return freed(row, finish(row, Outcome.REFUSED, _not_open(wanted)))
    if why := await approvals.objection(desk, wanted, row.person, asked.terms):
        why = await by_name(desk, why, desk.policy().ids | asked.terms.ids)
        title = f"You cannot decide about “{wanted.words}”"
        lines = (why, *_take_back(wanted, row.person))
        return freed(row, finish(row, Outcome.REFUSED, title, lines=lines))
    if approves and "approver" in asked.terms.proven_by:
        parked = await _unproven(desk, row, wanted)
        if parked:
            return parked
    vote = Vote(asked.question, row.person, approves, cast_by=row.id)
    counted = await approvals.cast(desk.store, wanted, vote)
    if not counted:
        wanted = await desk.ledger.by_id(wanted.id)
        return freed(row, finish(row, Outcome.REFUSED, _not_open(wanted)))
    if counted != vote:
        return finish(row, Outcome.UNCHANGED, _twice(wanted, counted))
    verb = "approved" if approves else "said no to"
    return finish(row, Outcome.SUCCEEDED, f"You {verb} “{wanted.words}”")


def _take_back(wanted: Command, person: Person) -> tuple[str, ...]:
    """What is left to the asker instead of a word of their own."""
    if wanted.person != person:
        return ()
    return (f"To take it back, send /zstack cancel {wanted.id}.",)


async def _unproven(desk: Desk, row: Command, wanted: Command) -> Next | None:
    """Ask for a proof; None when there is one, of the account that it began with."""
    held = await desk.sessions.get(row.person)
    if not held:
        return await ask_to_prove(desk, row, f"approve: {what(wanted)}")
    if row.account and row.account != held.account_uuid:
        title = f"You are {held.account_name} in ZStack by now, so that proves nothing"
        return freed(row, finish(row, Outcome.REFUSED, title))
    if row.memo.is_proven:
        return None
    parked = await ask_to_prove(desk, row, f"approve: {what(wanted)}")
    return replace(parked, changes=parked.changes | {"account": held.account_uuid})


def _twice(wanted: Command, before: Vote) -> str:
    verb = "approved" if before.approves else "said no to"
    return f"You {verb} “{wanted.words}” before, and one word each is counted"


def _not_open(wanted: Command) -> str:
    """Why nothing can be said to `wanted`, whatever there was to say."""
    if wanted.step == _WAITS:
        return (
            f"“{wanted.words}” has been asked for anew since, so this button does nothing. "
            "Press one of the newer ones, or see /zstack approvals."
        )
    if not wanted.outcome.is_final:
        return f"“{wanted.words}” does not wait for an approval any more: it goes on"
    return f"“{wanted.words}” has ended already: {wanted.outcome}"


async def waiting(desk: Desk, row: Command) -> Next:
    """List what waits for the person's word, and what of theirs waits for others."""
    rows = await desk.ledger.waiting_at(_WAITS)
    mine = [one for one in rows if one.person == row.person]
    others = [one for one in rows if await _may(desk, one, row.person)]
    shown = (*others, *mine)[:_SHOWN]
    if not shown:
        title = "Nothing waits for your approval, and nothing of yours for others'"
        return finish(row, Outcome.SUCCEEDED, title)
    lines = [await _line(desk, one) for one in shown]
    offers = [it for one in shown for it in _buttons(row, one)]
    title = f"{len(others)} for you to approve, {len(mine)} of yours waiting"
    hint = _hint(others, left=len(others) + len(mine) - len(shown))
    return finish(
        row,
        Outcome.SUCCEEDED,
        title,
        table=(_HEADING, *lines),
        next_step=hint,
        buttons=tuple(offers),
    )


async def _may(desk: Desk, one: Command, person: Person) -> bool:
    asked = one.memo.approval
    if not asked or (one.cloud and one.cloud not in desk.sites):
        return False
    return not await approvals.objection(desk, one, person, asked.terms)


def _hint(others: list[Command], *, left: int) -> str:
    more = f" {left} more are not shown." if left else ""
    if not others:
        return f"Others decide. To take one back, send /zstack cancel <id>.{more}"
    return f"Press a button, or send /zstack approve <id> or /zstack deny <id>.{more}"


async def _line(desk: Desk, one: Command) -> tuple[str, ...]:
    name, _ = await desk.directory.names(one.person)
    asked = one.memo.approval
    so_far = f"{len(asked.by)} of {asked.terms.people}" if asked else "-"
    return (what(one), name, one.memo.reason or "-", so_far, one.id)


def _buttons(row: Command, one: Command) -> list[dict[str, Any]]:
    """What can be pressed for one of them, by its name."""
    label = what(one)
    if one.person == row.person:
        words = f"/zstack cancel {one.id}"
        payload = {
            "operation": "cancel",
            "arguments": {"command_id": one.id},
            "words": words,
        }
        return [offer_of(row, "start", f"Cancel: {label}", payload)]
    offers = vote_offers(one, row.claimed_at)
    return [it | {"label": f"{it['label']}: {label}"} for it in offers]
