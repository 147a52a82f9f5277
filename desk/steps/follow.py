"""Following a job: adaptive looks, progress, and the VM itself when a job is stuck."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

from api.client import poll_delay
from api.errors import (
    JobUnknown,
    Refused,
    Rejected,
    UnexpectedReply,
    Unreachable,
    ZStackError,
)
from api.operations import GetTaskProgress
from api.wire import Running
from desk.command import Command, Next
from desk.effects import EFFECTS
from desk.errors import UserError
from desk.ledger import LAST_STEP
from desk.notice import Outcome
from desk.steps.finish import notice_of
from desk.steps.look import PROOF, ended_by_state, look, shown_by
from desk.steps.pace import next_look, progress_pause
from desk.steps.send import job_of, rejected
from desk.steps.verify import verify

if TYPE_CHECKING:
    from httpx import Auth

    from desk.desk import Desk

STUCK = 30.0  # seconds between two looks at the VM of a job that shows no end
_MAY_RUN = (
    60.0  # seconds in which an operation may run whose job was never saved (§1.6)
)
_LOOK_AGAIN = 5.0


async def follow(desk: Desk, row: Command) -> Next:
    """Look at the job of `row`."""
    row, reply = await _watch(desk, row)
    match reply:
        case JobUnknown():
            return await _forgotten(desk, row)
        case Running() | Unreachable() | UnexpectedReply() | Refused():
            return await _still_running(desk, row)
        case Rejected():
            return await rejected(desk, row, reply)
    return await verify(desk, row.model_copy(update=shown_by(reply)))


async def _watch(desk: Desk, row: Command) -> tuple[Command, Any]:
    """Look at the job, at a young one again and again: the row by then, and the answer.

    To put a row down and take it up again would take longer than such a job. How young it
    is counts by itself: near its deadline an old one is looked at as often.
    """
    held = await desk.sessions.get(row.person)
    begun, claimed_at = time.monotonic(), row.claimed_at
    # It may be in the future: the database's clock was set back.
    before = max(0.0, claimed_at - (row.sent_at or claimed_at))
    watched = 0.0
    while True:
        reply = await _answer(desk, row, held.auth if held else None)
        age = before + watched
        later = max(next_look(desk, row, age), poll_delay(age))
        if later > desk.brisk or not isinstance(reply, Running):
            return row, reply
        await asyncio.sleep(later)
        watched = time.monotonic() - begun
        row = row.model_copy(update={"claimed_at": claimed_at + watched})


async def _answer(desk: Desk, row: Command, auth: Auth | None) -> Any:
    """What ZStack says of the job, a fault too."""
    desk.looks.note()
    try:
        return await desk.cloud.job(row.to_operation(), job_of(row), auth)
    except (Unreachable, UnexpectedReply, Refused, Rejected) as fault:
        return fault


async def _forgotten(desk: Desk, row: Command) -> Next:
    """End by state after "no such job": purged, or never saved and perhaps running yet."""
    ended = await ended_by_state(desk, row)
    is_young = row.claimed_at - (row.sent_at or 0) < _MAY_RUN
    if ended.step == LAST_STEP and is_young:
        return Next("follow.1", due_in=_LOOK_AGAIN)
    return ended


async def _still_running(desk: Desk, row: Command) -> Next:
    if row.deadline and row.claimed_at > row.deadline:
        return await ended_by_state(desk, row)
    waited = row.claimed_at - (row.sent_at or row.claimed_at)
    if row.claimed_at - (row.memo.looked_at or row.sent_at or row.claimed_at) > STUCK:
        seen = await _look_beside(desk, row)
        if isinstance(seen, Next):
            return seen
        row = seen
    since = row.claimed_at - (row.memo.progress_at or row.started_at or row.claimed_at)
    if since > progress_pause(row):
        return await _show_progress(desk, row, waited)
    later = next_look(desk, row, waited)
    return Next("follow.1", due_in=later, changes={"memo": row.memo})


async def _look_beside(desk: Desk, row: Command) -> Command | Next:
    """Read the VM beside a job without end; two equal looks end the row by state.

    A job can stay unfinished for ever when its management node restarted (§1.5).
    """
    vm = await look(desk, row)
    is_done = EFFECTS[row.asks].is_done(row.to_operation(), vm)
    looks = row.memo.looks + 1 if is_done else 0
    memo = row.remember(looks=looks, looked_at=row.claimed_at)
    if looks >= PROOF:
        return Next("verify.1", changes={"after": vm, "memo": memo})
    return row.model_copy(update={"memo": memo})


async def _show_progress(desk: Desk, row: Command, waited: float) -> Next:
    text = await _progress(desk, row)
    memo = row.remember(progress=text, progress_at=row.claimed_at)
    title = f"{row.words}: ZStack is working on it"
    notice = notice_of(row, outcome=Outcome.RUNNING, title=title, progress=text)
    return Next(
        "follow.1",
        due_in=next_look(desk, row, waited),
        changes={"memo": memo},
        notices=((row.place, notice),) if text != row.memo.progress else (),
    )


async def _progress(desk: Desk, row: Command) -> str:
    try:
        question = GetTaskProgress(api_id=row.job_uuid or "")
        steps = await desk.sessions.call(row.person, question)
    except (ZStackError, UserError):
        steps = ()
    if not steps:
        return "working"
    last = steps[-1]
    content = last.content or ""
    percent = f"{content} %" if content.isdigit() else content
    return " ".join(part for part in (last.task_name, percent) if part) or "working"
