"""Silencing at Alertmanager, and ending a silence: once each, whatever gets lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk.alerts.silences import NoSilencer, Silence, SilenceRefused
from desk.command import NOW, Next
from desk.errors import UserError
from desk.notice import Outcome
from desk.policy import Effect
from desk.steps.buttons import offer_of
from desk.steps.finish import finish
from desk.steps.question import ask

if TYPE_CHECKING:
    from typing import Any

    from desk.alerts.silences import Silencer
    from desk.command import Command
    from desk.desk import Desk

_PATIENCE = 5  # tries until an Alertmanager that is away is given up
_SETTLING = 3.0  # seconds in which a request may still be on its way
_AWAY = "Alertmanager does not answer"
_LOOK = "Look at its silences before you try again."


async def silence(desk: Desk, row: Command) -> Next | None:
    """Create a silence, marked as sent before the first byte.

    Alertmanager takes the same one twice, so after a lost answer it is looked for by the
    command's id in its comment before it is sent again.
    """
    silencer = _silencer(desk, row)
    if question := _question(row):
        return question
    try:
        silence_id = await silencer.find(row.id) if row.sent_at else None
        held = row if row.sent_at else await _marked(desk, row)
        if not held:
            return None  # another worker holds the row by now
        row = held
        if not silence_id:
            silence_id = await silencer.create(await _wanted(desk, row))
    except NoSilencer as error:
        return await _again(desk, row, error)
    except SilenceRefused as error:
        return _refused(row, error)
    return _silenced(row, silence_id)


async def unsilence(desk: Desk, row: Command) -> Next | None:
    """End a silence; to end it twice is no harm."""
    silencer = _silencer(desk, row)
    if question := _question(row):
        return question
    try:
        ended = await silencer.expire(row.arguments["silence_id"])
    except NoSilencer as error:
        return await _again(desk, row, error)
    except SilenceRefused as error:
        return _refused(row, error)
    if not ended:
        return finish(_aloud(row), Outcome.UNCHANGED, "The silence has ended before")
    return finish(_aloud(row), Outcome.SUCCEEDED, "Ended the silence")


def _silencer(desk: Desk, row: Command) -> Silencer:
    if row.memo.verdict and row.memo.verdict.effect is Effect.APPROVE:
        message = (
            f"The policy wants others to approve “{row.words}”, and nobody can be asked "
            "about silences here. Do it in Alertmanager."
        )
        raise UserError(message)
    if not desk.silencer:
        message = (
            "This bot does not know your Alertmanager, so nothing was silenced. Ask its "
            "operator to set ALERTMANAGER_URL."
        )
        raise UserError(message)
    return desk.silencer


def _question(row: Command) -> Next | None:
    """What has to be said yes to first: by the policy, or because the alert is over."""
    verdict, doubt = row.memo.verdict, row.memo.doubt
    wants_yes = doubt or (verdict and verdict.effect is Effect.CONFIRM)
    if not wants_yes or row.memo.confirmed:
        return None
    yes = {"confirmed": True, "style": "danger"}
    answers: tuple[tuple[str, str, dict[str, Any]], ...] = (
        (row.operation.capitalize(), "", yes),
        ("Leave it", "", {"declined": True}),
    )
    return ask(row, f"Really “{row.words}”?", answers, lines=(doubt,) if doubt else ())


async def _marked(desk: Desk, row: Command) -> Command | None:
    sent = Next(row.step, changes={"sent_at": NOW})
    return await desk.ledger.commit(row, sent, keep=True)


async def _wanted(desk: Desk, row: Command) -> Silence:
    name, workspace = await desk.directory.names(row.person)
    starts = row.claimed_at
    return Silence(
        matchers=row.arguments["matchers"],
        starts=starts,
        ends=starts + float(row.arguments["seconds"]),
        created_by=f"{name} of {workspace}, by zstack-chatops",
        why=row.arguments.get("why") or "Silenced from its alert card",
        mark=row.id,
    )


async def _again(desk: Desk, row: Command, error: NoSilencer) -> Next | None:
    if row.attempts < _PATIENCE:
        await desk.ledger.postpone(row, _SETTLING * (row.attempts + 1))
        return None
    outcome = Outcome.UNKNOWN if row.sent_at and error.sent else Outcome.FAILED
    lines = (str(error),)
    return finish(_aloud(row), outcome, _AWAY, lines=lines, next_step=_LOOK)


def _refused(row: Command, error: SilenceRefused) -> Next:
    title = f"Alertmanager refused “{row.words}”"
    return finish(_aloud(row), Outcome.FAILED, title, lines=(str(error),))


def _silenced(row: Command, silence_id: str) -> Next:
    payload = {
        "operation": "unsilence",
        "arguments": {"silence_id": silence_id},
        "words": "end the silence",
    }
    seconds = float(row.arguments["seconds"])
    end = offer_of(row, "start", "End the silence", payload, expires=seconds)
    matchers = row.arguments["matchers"].items()
    lines = (", ".join(f"{name}={value}" for name, value in matchers),)
    title = f"Silenced for {_span(seconds)}"
    return finish(_aloud(row), Outcome.SUCCEEDED, title, lines=lines, buttons=(end,))


def _span(seconds: float) -> str:
    hours, rest = divmod(int(seconds), 3600)
    return f"{hours} h" if hours and not rest else f"{int(seconds) // 60} min"


def _aloud(row: Command) -> Command:
    """Tell it where the alert stands: who else is on call has to know."""
    memo = row.remember(is_told=True)
    return row.model_copy(update={"memo": memo})
