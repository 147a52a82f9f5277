"""Looking at the VM itself, when a job cannot tell."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from api.errors import ZStackError
from api.models import VmInstance
from api.operations import QueryVmCdRom, QueryVmInstance
from api.query import where
from desk.command import Command, Next
from desk.effects import EFFECTS
from desk.errors import UserError
from desk.notice import Outcome
from desk.steps.finish import finish

if TYPE_CHECKING:
    from desk.desk import Desk
    from desk.resolve import Ask

PROOF = 2  # equal looks that prove what a job does not tell


async def look(desk: Desk, row: Command) -> VmInstance | None:
    """Read the VM of `row` as it is now; None when it cannot be read well enough."""
    if not row.acts_on_vm:
        return None
    question = QueryVmInstance(conditions=(where("uuid", row.resource_uuid or ""),))
    ask: Ask = partial(desk.sessions.call, row.person)
    try:
        found = [await with_drives(ask, vm) for vm in await ask(question)]
    except (ZStackError, UserError):
        return None
    return next((vm for vm in found if EFFECTS[row.asks].can_tell(vm)), None)


def shown_by(reply: Any) -> dict[str, Any]:
    """What is kept of the answer of a job that has ended: the VM, if it is one."""
    return {"after": reply} if isinstance(reply, VmInstance) else {}


async def with_drives(ask: Ask, vm: VmInstance) -> VmInstance:
    """Ask for the drives of a VM whose inventory has none, not even an empty list.

    No drives found leaves them unknown: a ZStack before 3.3 takes this question for one
    about a VM called `cdroms` and finds nothing (protocol.md §3 and §6).
    """
    if vm.vm_cd_roms is not None:
        return vm
    drives = await ask(QueryVmCdRom(conditions=(where("vmInstanceUuid", vm.uuid),)))
    return vm.model_copy(update={"vm_cd_roms": tuple(drives) or None})


async def ended_by_state(desk: Desk, row: Command) -> Next:
    """End a row whose job does not answer by what the VM shows."""
    vm = await look(desk, row)
    if EFFECTS[row.asks].is_done(row.to_operation(), vm):
        memo = row.remember(looks=PROOF)
        return Next("verify.1", changes={"after": vm, "memo": memo})
    title = f"It is not known what became of “{row.words}”"
    seen = "The VM shows no change." if vm else "The VM cannot be read."
    if not row.acts_on_vm:
        seen = "Only its job could have told."
    hint = (
        f"ZStack's job gave no answer. Look at {row.label} and at ZStack's task list "
        "before you send it again."
    )
    return finish(row, Outcome.UNKNOWN, title, lines=(seen,), next_step=hint, after=vm)
