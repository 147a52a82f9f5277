"""Sending to ZStack once, and finding out what became of it when no answer came."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from api.errors import (
    DuplicateJob,
    JobUnknown,
    Refused,
    Rejected,
    SessionExpired,
    UnexpectedReply,
    Unreachable,
    ZStackError,
)
from api.wire import Accepted, Running
from desk.audit import SENT
from desk.command import NOW, Command, In, Next
from desk.effects import EFFECTS
from desk.errors import KeyLost
from desk.notice import Outcome
from desk.steps.finish import finish
from desk.steps.look import ended_by_state, look, shown_by
from desk.steps.pace import next_look
from desk.steps.question import ask_to_log_in

if TYPE_CHECKING:
    from desk.desk import Desk

JOB_TIMEOUT = 1800.0  # seconds; ZStack's default when it announces none (contract.md)
PATIENCE = 120.0  # seconds for which a ZStack that cannot be reached is tried
RESEND_WITHIN = (
    9000.0  # seconds; ZStack remembers a job for about 3 h (protocol.md §1.6)
)
_RESENDS = 5
_BLINDNESS = 60.0  # seconds in which a VM that cannot be read is looked at again
_SIGN_ONS = 3  # times that an access key signs on anew for one command
_SETTLING = 3.0  # seconds in which a request may still be on its way


async def send(desk: Desk, row: Command) -> Next | None:
    """Send; marked as sent before the first byte, so that a crash is seen afterwards."""
    if row.sent_at and _age(row) >= RESEND_WITHIN:
        return Next("sent.1")  # it waited too long: ZStack may have forgotten the job
    held = await desk.sessions.need(row.person)
    if row.account != held.account_uuid:
        return await _other_account(desk, row, held.account_name)
    operation, job_uuid = row.to_be_sent(), job_of(row)
    mark = _mark(desk, row, held.proof)
    row = row.model_copy(update={"memo": mark.changes["memo"]})
    if not await desk.ledger.commit(row, mark, keep=True):
        return None  # another worker holds the row by now
    try:
        reply = await desk.cloud.submit(
            operation, job_uuid, held.auth, callback=desk.callback
        )
    except ZStackError as error:
        return await _no_answer(desk, row, error)
    await desk.sessions.touch(held)
    return _accepted(desk, row, reply)


def _mark(desk: Desk, row: Command, session: str) -> Next:
    """What is committed before the first byte; sending again gives no more time.

    The audit has it once for each session that it was sent with, not for each try.
    """
    first = {"sent_at": NOW, "deadline": In(JOB_TIMEOUT + desk.job_margin)}
    memo = {"memo": row.remember(session=session)}
    event = None if row.memo.session == session else SENT
    return Next("sent.1", changes=memo | ({} if row.sent_at else first), event=event)


async def _other_account(desk: Desk, row: Command, name: str) -> Next:
    """End without sending: the person has connected another account meanwhile."""
    if row.sent_at:
        return await ended_by_state(desk, row)
    title = f"You are {name} in ZStack by now, so “{row.words}” was not sent"
    hint = f"Send it again to run it as {name}."
    return finish(row, Outcome.REFUSED, title, next_step=hint)


async def _no_answer(desk: Desk, row: Command, error: ZStackError) -> Next:
    if isinstance(error, Unreachable) and not error.sent:
        return _not_sent(row, error)
    if isinstance(error, DuplicateJob):
        return Next("follow.1")
    if isinstance(error, Refused) and not row.sent_at:
        title = f"ZStack did not take the request for {row.label}"
        return finish(row, Outcome.FAILED, title, lines=(error.text,))
    if isinstance(error, Rejected):
        return await rejected(desk, row, error)
    return Next("sent.1", due_in=_SETTLING)  # it may have run: ask for the job


def _accepted(desk: Desk, row: Command, reply: Any) -> Next:
    """Go on after ZStack took the request: follow the job, or look at the result."""
    if isinstance(reply, Accepted):
        seconds = (reply.timeout or JOB_TIMEOUT) + desk.job_margin
        return Next(
            "follow.1",
            due_in=next_look(desk, row, 0.0, seconds),
            changes={"deadline": In(seconds)},
        )
    return Next("verify.1", changes=shown_by(reply))


def _not_sent(row: Command, error: Unreachable) -> Next:
    if row.sent_at:
        return Next("sent.1", due_in=_SETTLING)  # this send was lost, not the first
    waited = row.claimed_at - (row.started_at or row.claimed_at)
    if waited < PATIENCE:
        return Next("send.1", due_in=2.0, changes={"sent_at": None})
    title = f"ZStack cannot be reached, so nothing was sent for {row.label}"
    hint = "Check that the management node is up, then press Retry."
    return finish(row, Outcome.FAILED, title, lines=(str(error),), next_step=hint)


async def find_out(desk: Desk, row: Command) -> Next:
    """Find out about a send without an answer: ask for the job, then look at the VM."""
    try:
        reply = await desk.cloud.job(row.to_operation(), job_of(row))
    except JobUnknown:
        return await _not_known(desk, row)
    except (Unreachable, UnexpectedReply, Refused):
        if row.deadline and row.claimed_at > row.deadline:
            return await ended_by_state(desk, row)
        return Next("sent.1", due_in=_SETTLING)
    except Rejected as error:
        return await rejected(desk, row, error)
    if isinstance(reply, Running):
        return Next("follow.1")
    return Next("verify.1", changes=shown_by(reply))


async def _not_known(desk: Desk, row: Command) -> Next:
    """Decide after "no such job": done already, send again, or leave it to a person."""
    vm = await look(desk, row)
    if EFFECTS[row.asks].is_done(row.to_operation(), vm):
        return Next("verify.1", changes={"after": vm})
    can_tell = vm or not row.acts_on_vm
    if not can_tell and _age(row) < _BLINDNESS:
        return Next("sent.1", due_in=_SETTLING)
    may_repeat = row.asks.rest.repeatable and _age(row) < RESEND_WITHIN
    if can_tell and may_repeat and row.memo.resends < _RESENDS:
        memo = row.remember(resends=row.memo.resends + 1)
        return Next("send.1", due_in=1.0, changes={"memo": memo})
    return await ended_by_state(desk, row)


async def rejected(desk: Desk, row: Command, error: Rejected) -> Next:
    """End after ZStack's no; an expired session is asked for anew, with a new job."""
    if isinstance(error, SessionExpired):
        return await _anew(desk, row)
    if row.memo.resends:
        vm = await look(desk, row)
        if EFFECTS[row.asks].is_done(row.to_operation(), vm):
            return Next("verify.1", changes={"after": vm})
    title = EFFECTS[row.asks].failed.format(**row.spoken)
    return finish(row, Outcome.FAILED, title, error=error.error, after=row.before)


async def _anew(desk: Desk, row: Command) -> Next:
    """Start again with a living session, and a new job.

    The operation did not run (protocol.md §2), so the new job cannot be a second one.
    """
    held = await desk.sessions.get(row.person)
    anew = Next("decide.1", changes={"sent_at": None, "turn": None})
    if held and held.proof != row.memo.session:
        return anew  # logged in anew meanwhile
    if held and row.memo.sign_ons < _SIGN_ONS and await desk.sessions.signs_on(held):
        memo = row.remember(sign_ons=row.memo.sign_ons + 1)
        return replace(anew, changes=anew.changes | {"memo": memo})
    await desk.sessions.lose(row.person, held)
    why = held.lost if held else ""
    unsent = row.model_copy(update={"sent_at": None})
    parked = await ask_to_log_in(desk, unsent, why)
    return replace(parked, changes=parked.changes | {"sent_at": None})


def _age(row: Command) -> float:
    """Seconds since the first send."""
    return row.claimed_at - (row.sent_at or row.claimed_at)


def job_of(row: Command) -> str:
    """The secret name of its job; raises KeyLost."""
    if row.job_uuid is None:
        raise KeyLost
    return row.job_uuid
