"""What can be started from a look at a VM: buttons bound to the VM as it was shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.operation import Operation, resource_fields
from api.operations import (
    DetachIsoFromVmInstance,
    RebootVmInstance,
    RecoverVmInstance,
    ResumeVmInstance,
    StartVmInstance,
    StopVmInstance,
)
from desk.steps.buttons import start_of

if TYPE_CHECKING:
    from api.models import VmInstance
    from desk.command import Command

_BY_STATE: dict[str, tuple[type[Operation[Any]], ...]] = {
    "Running": (StopVmInstance, RebootVmInstance),
    "Stopped": (StartVmInstance,),
    "Paused": (ResumeVmInstance,),
    "Destroyed": (RecoverVmInstance,),
}
_WITH_DRIVES = {"Running", "Stopped", "Paused"}


def starts_of(
    row: Command, vm: VmInstance, names: dict[str, str]
) -> tuple[dict[str, Any], ...]:
    """A button for each thing that one is likely to want of a VM in this state."""
    found = {
        "resource_uuid": vm.uuid,
        "resource_name": vm.name,
        "memo": row.remember(names=names),
    }
    about = row.model_copy(update=found)
    return tuple(
        start_of(
            about, _label(operation), operation, {_field(operation): vm.uuid}, vm=vm
        )
        for operation in _likely(vm)
    )


def _likely(vm: VmInstance) -> tuple[type[Operation[Any]], ...]:
    iso = vm.iso_uuids and vm.state in _WITH_DRIVES
    return (
        *((DetachIsoFromVmInstance,) if iso else ()),
        *_BY_STATE.get(vm.state or "", ()),
    )


def _label(operation: type[Operation[Any]]) -> str:
    noun, verb = (operation.rest.command or "").split()
    return f"{verb.capitalize()}{' ISO' if noun == 'iso' else ''}"


def _field(operation: type[Operation[Any]]) -> str:
    return next(it for it, kind in resource_fields(operation).items() if kind == "vm")
