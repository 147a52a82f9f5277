"""Deciding who it is, whether they may, and with which ZStack account."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from api.operation import OPERATIONS, Risk
from desk.command import Command, Next
from desk.errors import UserError
from desk.permission import ruled
from desk.steps.consent import refused
from desk.steps.errands import ERRANDS
from desk.steps.question import ask_to_prove
from desk.steps.workflow import ask_to_run

if TYPE_CHECKING:
    from desk.desk import Desk
    from desk.policy import Verdict


async def decide(desk: Desk, row: Command) -> Next | None:
    """Decide whether `row` may go on; LoginNeeded when there is no session.

    Which resource it is about may not be known yet: then it is decided again when it is.
    """
    if row.memo.workflow and not row.memo.is_agreed:
        return await ask_to_run(desk, row)
    row, verdict = await ruled(desk, row)
    if not verdict.is_allowed:
        return refused(row, verdict.reason)
    operation = OPERATIONS.get(row.operation)
    if not operation:
        ended = await ERRANDS[row.operation](desk, row)
        return ended and replace(ended, changes={"memo": row.memo} | ended.changes)
    if _is_to_prove(row, verdict) and not await desk.sessions.get(row.person):
        return await ask_to_prove(desk, row, row.words)
    held = await desk.sessions.need(row.person)
    if row.account and row.account != held.account_uuid:
        message = (
            f"“{row.words}” was accepted under another ZStack account than "
            f"{held.account_name}, so nothing was done. Send it again to run it as "
            f"{held.account_name}."
        )
        raise UserError(message)
    reads = operation.rest.risk is Risk.READ
    step = "read.1" if reads else "resolve.1"
    memo = row.remember(account_name=held.account_name)
    return Next(step, changes={"account": held.account_uuid, "memo": memo})


def _is_to_prove(row: Command, verdict: Verdict) -> bool:
    """Whether the log-in that `row` needs may prove at once that its person wants it.

    A part of a batch does not ask for what the whole has proven.
    """
    terms = verdict.approval
    proves = terms is not None and "asker" in terms.proven_by
    return proves and not row.memo.is_proven and not row.parent
