"""What stands in the way of doing something to a VM, and what it costs: pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.operations import AttachIsoToVmInstance, MigrateVm, StopVmInstance
from desk.effects import EFFECTS
from desk.steps.buttons import words_of

if TYPE_CHECKING:
    from api.models import VmInstance
    from api.operation import Operation

# What brings a VM out of a state, and to which.
_WAYS = {
    "Stopped": ("StartVmInstance", "Running"),
    "Paused": ("ResumeVmInstance", "Running"),
    "Destroyed": ("RecoverVmInstance", "Stopped"),
}


def cautions(asked: Operation[Any], vm: VmInstance, name: str) -> tuple[str, ...]:
    """What whoever is asked whether `asked` shall be done should know first."""
    is_cold = isinstance(asked, StopVmInstance) and asked.type == "cold"
    said = (
        wrong_state(type(asked), vm, name) or state_of(vm),
        "Its power is cut: the guest does not shut down first." if is_cold else None,
        obstacle(type(asked), vm, name),
    )
    return tuple(filter(None, said))


def state_of(vm: VmInstance) -> str:
    """Say the state of a VM."""
    return f"The VM is {vm.state or 'in an unknown state'}."


def wrong_state(asked: type[Operation[Any]], vm: VmInstance, name: str) -> str | None:
    """That ZStack takes `asked` in another state only, and how the VM gets there."""
    effect = EFFECTS[asked]
    if not vm.state or not effect.states or vm.state in effect.states:
        return None
    said = f"{name} is {vm.state}, and ZStack does this while a VM is {effect.when}."
    operation, leads_to = _WAYS.get(vm.state, ("", ""))
    if leads_to in effect.states:
        return f"{said} Send {words_of(operation, {'uuid': name})} first."
    if vm.state == "Unknown":
        return f"{said} Look at its host first."
    is_passing = vm.state.endswith("ing") and vm.state != "Running"
    return f"{said} Wait until that is over." if is_passing else said


def obstacle(asked: type[Operation[Any]], vm: VmInstance, name: str) -> str | None:
    """What of the VM's drives stands in the way of `asked`, and how to clear it."""
    detach = words_of("DetachIsoFromVmInstance", {"vm_instance_uuid": name})
    if asked is MigrateVm and vm.iso_uuids:
        return (
            "An ISO is attached, and on local storage ZStack migrates no VM with one. "
            f"Send {detach} first."
        )
    drives = vm.vm_cd_roms
    if asked is not AttachIsoToVmInstance or drives is None:
        return None
    if not drives:
        return f"{name} has no CD drive. Add one in the ZStack console first."
    if all(drive.iso_uuid for drive in drives):
        return f"No drive of {name} is empty. Send {detach} first."
    return None
