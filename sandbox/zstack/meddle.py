"""Change a VM behind the back of the API, as guests, hosts and colleagues do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.zstack.records import Vm
    from sandbox.zstack.world import World


def change_vm(world: World, name: str, changes: dict[str, Any]) -> None:
    """Set `state`, `tray_is_locked`, `name` or `iso_uuids` of a VM (its name or uuid)."""
    vm = next((vm for vm in world.vms.values() if name in {vm.uuid, vm.name}), None)
    if not vm:
        msg = f"no VM {name!r}"
        raise ValueError(msg)
    for field, value in changes.items():
        _change(vm, field, value)


def _change(vm: Vm, field: str, value: Any) -> None:
    match field, value:
        case "iso_uuids", list():
            # What does not fit in the drives is left out.
            isos = [*value, *[None] * len(vm.cdroms)]
            for drive, iso in zip(vm.cdroms, isos, strict=False):
                drive.iso_uuid = iso
        case ("tray_is_locked", bool()) | ("state" | "name", str()):
            setattr(vm, field, value)
        case _:
            msg = f"{field} cannot be set to {value!r}"
            raise ValueError(msg)
