"""What the policy asks for before anything is sent: a yes, or the yes of others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from desk.notice import Outcome
from desk.policy import Effect
from desk.steps.approve import approval
from desk.steps.finish import finish, freed
from desk.steps.question import ask

if TYPE_CHECKING:
    from typing import Any

    from desk.command import Command, Next
    from desk.desk import Desk
    from desk.policy import Verdict


def refused(row: Command, reason: str) -> Next:
    """End a row that the policy does not allow."""
    title = f"Not allowed: {row.words}"
    step = freed(row, finish(row, Outcome.REFUSED, title, lines=(reason,)))
    return replace(step, changes=step.changes | {"memo": row.memo})


async def consent(
    desk: Desk,
    row: Command,
    verdict: Verdict,
    doubt: str,
    *,
    lines: tuple[str, ...] = (),
) -> Command | Next:
    """How `row` goes on when it lacks consent; the row itself when it lacks none."""
    if not verdict.is_allowed:
        return refused(row, verdict.reason)
    asks = verdict.effect is Effect.CONFIRM or row.memo.doubt
    if asks and not row.memo.confirmed:
        why = (row.memo.doubt,) if row.memo.doubt else ()
        return ask(row, doubt, yes_or_no(row), lines=(*why, *lines))
    return await approval(desk, row, verdict)


def yes_or_no(row: Command) -> tuple[tuple[str, str, dict[str, Any]], ...]:
    """The two answers to a question before something is done."""
    verb = (row.asks.rest.command or "do").split()[-1].capitalize()
    yes = {"confirmed": True, "style": "danger"}
    return ((f"{verb} it", "", yes), ("Leave it", "", {"declined": True}))
