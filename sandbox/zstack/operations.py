"""What every operation on a VM does: look at its state, leave its mark, be logged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.zstack.errors import ApiError, operation_failed
from sandbox.zstack.log import Executed
from sandbox.zstack.world import now

if TYPE_CHECKING:
    from sandbox.zstack.api import Call
    from sandbox.zstack.records import Vm


def check_state(call: Call, vm: Vm, states: frozenset[str]) -> None:
    """Refuse in a wrong state: SYS.1006 with cause VM.1010 (protocol.md 4)."""
    if vm.state in states:
        return
    allowed = ",".join(sorted(states))
    cause = ApiError(
        code="VM.1010",
        zh=f"云主机[uuid:{vm.uuid}]的状态[{vm.state}]不允许此操作, 允许的状态[{allowed}]",
        en=f"current vm instance state[{vm.state}] doesn't allow to proceed message"
        f"[{call.api.name}], allowed states are [{allowed}]",
    )
    raise operation_failed(zh=cause.details["zh"], en=cause.details["en"], cause=cause)


def touch(vm: Vm) -> None:
    """Note that the VM changed."""
    vm.changed = now()


def record(
    call: Call,
    vm: Vm,
    iso: str | None = None,
    *,
    changed: bool = False,
    error: ApiError | None = None,
) -> None:
    """Log an operation that reached its VM."""
    call.node.log.executed.append(
        Executed(
            api=call.api.name,
            vm_uuid=vm.uuid,
            iso_uuid=iso,
            changed=changed,
            account=call.session.account.name,
            job_uuid=call.job_uuid,
            error=error.code if error else None,
        )
    )
