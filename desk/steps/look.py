"""Looking at the VM itself, when a job cannot tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.errors import ZStackError
from api.operations import QueryVmInstance
from api.query import where
from desk.command import Command, Next
from desk.effects import EFFECTS
from desk.errors import UserError
from desk.notice import Outcome
from desk.steps.finish import finish

if TYPE_CHECKING:
    from api.models import VmInstance
    from desk.desk import Desk


async def look(desk: Desk, row: Command) -> VmInstance | None:
    """Read the VM of `row` as it is now; None when it cannot be read."""
    question = QueryVmInstance(conditions=(where("uuid", row.resource_uuid or ""),))
    try:
        found = await desk.sessions.call(row.person, question)
    except (ZStackError, UserError):
        return None
    return found[0] if found else None


async def ended_by_state(desk: Desk, row: Command) -> Next:
    """End a row whose job does not answer by what the VM shows."""
    vm = await look(desk, row)
    if vm and EFFECTS[row.asks].is_reached(row.to_operation(), vm):
        return Next("verify.1", changes={"after": vm})
    title = f"It is not known what became of “{row.words}”"
    seen = "The VM shows no change." if vm else "The VM cannot be read."
    hint = (
        f"ZStack's job gave no answer. Look at {row.label} and at ZStack's task list "
        "before you send it again."
    )
    return finish(row, Outcome.UNKNOWN, title, lines=(seen,), next_step=hint, after=vm)
