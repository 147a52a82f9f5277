"""What an operation is to bring about, and whether it did: pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.operations import AttachIsoToVmInstance, DetachIsoFromVmInstance
from desk.notice import DriveChange

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.models import VmInstance
    from api.operation import Operation


@dataclass(frozen=True)
class Effect:
    """The wanted state, the way back, and the words for both.

    The words take `{vm}` and `{iso}`, names as people know them.
    """

    is_reached: Callable[[Any, VmInstance], bool]
    inverse: Callable[[Any], Operation[Any]]
    doing: str
    done: str
    already: str
    unmoved: str
    failed: str


EFFECTS: dict[type[Operation[Any]], Effect] = {
    DetachIsoFromVmInstance: Effect(
        is_reached=lambda asked, vm: asked.iso_uuid not in vm.iso_uuids,
        inverse=lambda asked: AttachIsoToVmInstance(
            vm_instance_uuid=asked.vm_instance_uuid, iso_uuid=asked.iso_uuid
        ),
        doing="Detaching {iso} from {vm}",
        done="Detached {iso} from {vm}",
        already="{iso} is not attached to {vm}",
        unmoved="ZStack reported success, but {iso} is still attached to {vm}",
        failed="Could not detach {iso} from {vm}",
    ),
    AttachIsoToVmInstance: Effect(
        is_reached=lambda asked, vm: asked.iso_uuid in vm.iso_uuids,
        inverse=lambda asked: DetachIsoFromVmInstance(
            vm_instance_uuid=asked.vm_instance_uuid, iso_uuid=asked.iso_uuid
        ),
        doing="Attaching {iso} to {vm}",
        done="Attached {iso} to {vm}",
        already="{iso} is attached to {vm} already",
        unmoved="ZStack reported success, but {iso} is not attached to {vm}",
        failed="Could not attach {iso} to {vm}",
    ),
}


def drive_changes(before: VmInstance, after: VmInstance) -> tuple[DriveChange, ...]:
    """Every drive of a VM, with what was in it before and what is in it after."""
    then = {drive.uuid: drive for drive in before.vm_cd_roms or ()}
    now = {drive.uuid: drive for drive in after.vm_cd_roms or ()}
    drives = sorted(
        (now | then).values(), key=lambda drive: (drive.device_id or 0, drive.uuid)
    )
    return tuple(
        DriveChange(
            device_id=drive.device_id,
            before=then[drive.uuid].iso_uuid if drive.uuid in then else None,
            after=now[drive.uuid].iso_uuid if drive.uuid in now else None,
        )
        for drive in drives
    )
