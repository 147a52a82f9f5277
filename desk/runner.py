"""A row from accepted to answered, one step at a time."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import or_, select, update

from api.errors import ClockSkewed, Rejected, ZStackError
from api.operation import OPERATIONS
from desk import tables
from desk.claims import LEASE
from desk.clouds import NoSuchCloud
from desk.command import Next
from desk.errors import KeyLost, StoreUnavailable, UserError
from desk.machine import STEPS
from desk.notice import Outcome
from desk.sessions import LoginNeeded
from desk.steps.finish import finish
from desk.steps.question import ask_to_log_in
from desk.steps.send import PATIENCE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from desk.command import Command
    from desk.desk import Desk

AT_ONCE = 32
_TRIES = 5
_SKEWED = "ZStack does not take the access key"
_WORDS = {"approve", "deny"}

log = structlog.get_logger()


class Runner:
    """Carries out the steps of claimed rows."""

    def __init__(self, desk: Desk, *, beat: float = LEASE / 3) -> None:
        self._desk = desk
        self._seconds = beat

    async def catch_up(self) -> None:
        """Take up at a start what nobody looked after.

        A job may have ended while nobody heard ZStack call; what a version that did not
        know the step put aside may be known to this one.
        """
        rows = tables.command
        missed = or_(rows.c.due.is_(None), rows.c.step == "follow.1")
        # What another replica is just writing needs no help, and may keep us waiting.
        left = (
            select(rows.c.id)
            .where(rows.c.finished_at.is_(None), rows.c.step.in_(STEPS), missed)
            .with_for_update(skip_locked=True)
        )
        async with self._desk.store.write() as connection:
            ids = (await connection.execute(left)).scalars().all()
            await connection.execute(
                update(rows)
                .where(rows.c.id.in_(ids))
                .values(due=self._desk.store.now())
            )

    async def carry_on(self, row: Command) -> None:
        """Take step after step with a claimed row until it has to wait, or has ended."""
        held: Command | None = row
        while held:  # pragma: no branch  # coverage misses an end behind a greenlet
            held = await self.advance(held, keep=True)

    async def advance(self, row: Command, *, keep: bool = False) -> Command | None:
        """Take one step with a claimed row and commit it.

        With `keep`, the row is held on to when its next step is due at once: it is
        returned as it is then.
        """
        if row.step not in STEPS:
            await self._park(row)
            return None
        async with self._held(row):
            try:
                row = await self._at_its_cloud(row)
                step = _checked(row, await self._step(row))
                return await self._commit(row, step, keep=keep) if step else None
            except StoreUnavailable:
                raise  # the lease runs out, and the step is taken again
            except Exception as error:  # noqa: BLE001  # the one place that catches our own bugs
                step = await self._broken(row, error)
            return await self._commit(row, step, keep=False) if step else None

    async def _commit(self, row: Command, step: Next, *, keep: bool) -> Command | None:
        if row.cloud:
            step = replace(step, changes={"cloud": row.cloud} | step.changes)
        goes_on = keep and step.goes_on
        after = await self._desk.ledger.commit(row, step, keep=goes_on)
        if after:
            log.info("step", command=row.id, step=row.step, next=step.step)
        return after if goes_on else None

    async def _at_its_cloud(self, row: Command) -> Command:
        """Let the channel say which of several clouds is meant, where nobody has.

        A word on a request is said where that runs, whatever its own words name.
        """
        if row.operation in _WORDS and self._desk.sites:
            about = await self._desk.ledger.cloud_of(row.arguments["command_id"])
            return row.model_copy(update={"cloud": about})
        is_about_one = row.operation in OPERATIONS or row.operation == "login"
        if row.cloud or not self._desk.sites or not is_about_one:
            return row
        channel = await self._desk.directory.channel(row.place, asks=False)
        meant = self._desk.meant_by(channel.id)
        return row.model_copy(update={"cloud": meant})

    async def _park(self, row: Command) -> None:
        """Put aside what another version wrote; `doctor` shows it, nothing is guessed."""
        aside = Next(row.step, due_in=None, changes={"turn": None})
        await self._desk.ledger.commit(row, aside)
        log.error("step_unknown", command=row.id, step=row.step)

    async def _step(self, row: Command) -> Next | None:
        try:
            desk = self._desk.at(row.cloud).settled()
            return await STEPS[row.step].run(desk, row)
        except LoginNeeded as error:
            return await self._ask_to_log_in(row, str(error))
        except (UserError, KeyLost, ClockSkewed, Rejected) as error:
            return _ended(row, error)
        except ZStackError as error:
            return await self._away(row, error)

    async def _ask_to_log_in(self, row: Command, why: str) -> Next | None:
        desk = self._desk.at(row.cloud)
        parked = await ask_to_log_in(desk, row, why)
        if row.operation == "login" or not await desk.sessions.get(row.person):
            return parked
        await self._desk.ledger.postpone(row, 0)  # they have logged in meanwhile
        return None

    async def _away(self, row: Command, error: ZStackError) -> Next | None:
        """Try a read again that ZStack did not answer; nothing was sent by it."""
        # Counted from this step's first try: the person may have taken time to answer.
        pauses = [min(10.0, 1.0 + count) for count in range(row.attempts + 1)]
        if sum(pauses) < PATIENCE:
            await self._desk.ledger.postpone(row, pauses[-1])
            return None
        title = f"ZStack does not answer, so “{row.words}” was not sent"
        hint = "Check that the management node is up, then press Retry."
        return finish(row, Outcome.FAILED, title, lines=(str(error),), next_step=hint)

    async def _broken(self, row: Command, error: Exception) -> Next | None:
        reference = secrets.token_hex(4)
        log.error("step_failed", command=row.id, reference=reference, exc_info=error)
        if row.attempts < _TRIES:
            await self._desk.ledger.postpone(row, 2.0**row.attempts)
            return None
        outcome = Outcome.UNKNOWN if row.sent_at else Outcome.FAILED
        title = f"A fault of this bot stopped “{row.words}” (reference {reference})"
        hint = f"Tell the bot's operator the reference, and look at {row.label}."
        return finish(row, outcome, title, next_step=hint)

    @contextlib.asynccontextmanager
    async def _held(self, row: Command) -> AsyncIterator[None]:
        """Keep the claim alive while a step takes long."""
        beating = asyncio.create_task(self._beat(row))
        try:
            yield
        finally:
            beating.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await beating

    async def _beat(self, row: Command) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            with contextlib.suppress(StoreUnavailable):  # the next beat may get through
                await self._desk.ledger.heartbeat(row)


def _ended(row: Command, error: Exception) -> Next:
    """End `row` with what is in its way for good."""
    match error:
        case Rejected():
            title = f"ZStack refused “{row.words}”"
            return finish(row, Outcome.FAILED, title, error=error.error)
        case ClockSkewed():
            return finish(row, Outcome.FAILED, _SKEWED, lines=(error.text,))
        case KeyLost():
            title = f"“{row.words}” was begun under a key that SECRET_KEYS lacks"
            outcome = Outcome.UNKNOWN if row.sent_at else Outcome.FAILED
            hint = f"Look at {row.label}, then send it again if it is still wanted."
            return finish(row, outcome, title, next_step=hint)
    # What ZStack knows of it cannot be asked of a cloud that is gone.
    is_open = row.sent_at and isinstance(error, NoSuchCloud)
    outcome = Outcome.UNKNOWN if is_open else Outcome.REFUSED
    return finish(row, outcome, str(error))


def _checked(row: Command, step: Next | None) -> Next | None:
    """Refuse a way that the state machine does not have: nobody tested it."""
    if step and step.step not in STEPS[row.step].leads_to:
        message = f"{row.step} does not lead to {step.step}"
        raise ValueError(message)
    return step
