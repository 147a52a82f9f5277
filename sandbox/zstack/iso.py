"""Attach and detach an ISO (protocol.md 4 and 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.zstack import inventory
from sandbox.zstack.api import denied
from sandbox.zstack.errors import (
    ApiError,
    invalid_argument,
    not_found,
    operation_failed,
)
from sandbox.zstack.operations import check_state, record, touch

if TYPE_CHECKING:
    from sandbox.zstack.api import Call, Json
    from sandbox.zstack.records import CdRom, Image, Vm

_STATES = frozenset({"Running", "Stopped", "Paused"})
_CDROM_TAG = "cdromUuid::"


def check_detach(call: Call) -> None:
    """Fill in the only ISO when none is named; refuse to choose among several."""
    vm = call.vm()
    if "isoUuid" in call.params:
        return  # even empty: that is not null, and later matches no drive (1.2)
    if len(vm.iso_uuids) > 1:
        raise operation_failed(
            zh=f"云主机[uuid:{vm.uuid}]挂载了多个ISO, 请指定isoUuid",
            en=f"VM[uuid:{vm.uuid}] has multiple ISOs attached, specify the isoUuid"
            " when detaching",
        )
    if vm.iso_uuids:
        call.params["isoUuid"] = vm.iso_uuids[0]


async def detach(call: Call) -> Json:
    """Empty the drive that holds the ISO; no such drive is a silent success."""
    iso = call.params.get("isoUuid")
    async with call.node.queue(call.vm_uuid):
        vm = call.vm()
        try:
            check_state(call, vm, _STATES)
            drive = next((d for d in vm.cdroms if iso and d.iso_uuid == iso), None)
            if drive:
                await _eject(call, vm)
                _fill(vm, drive, None)
        except ApiError as error:
            record(call, vm, iso, error=error)
            raise
        record(call, vm, iso, changed=drive is not None)
        return {"inventory": inventory.vm(vm)}


async def _eject(call: Call, vm: Vm) -> None:
    if vm.state == "Stopped":
        return  # only the database changes
    await call.node.agent(call, vm, "detach-iso")
    if vm.tray_is_locked:
        # The agent's text is English in every locale, and is wrapped (protocol.md 4).
        text = (
            "failed to detach iso, because: It seems the ISO is still mounted in the"
            " operating system, please umount it first"
        )
        raise operation_failed(
            zh=f"操作失败, 物理机返回: {text}", en=f"operation error: {text}"
        )


def check_attach(call: Call) -> None:
    """Refuse what is no ISO, or not the caller's to use."""
    call.vm()
    uuid = call.variables["isoUuid"]
    image = call.node.world.images.get(uuid)
    if not image:
        raise not_found(field="isoUuid", uuid=uuid)
    if not _may_use(call, image):
        raise denied(uuid)
    if image.media_type != "ISO":
        raise invalid_argument(
            zh=f"镜像[uuid:{uuid}]不是ISO", en=f"image[uuid:{uuid}] is not an ISO"
        )
    if (image.state, image.status) != ("Enabled", "Ready"):
        raise operation_failed(
            zh=f"镜像[uuid:{uuid}]不可用",
            en=f"image[uuid:{uuid}] is not ready or disabled",
        )


def _may_use(call: Call, image: Image) -> bool:
    mine = call.session.account.uuid in image.shared_with
    return image.is_public or mine or call.may_touch(image.owner_uuid)


async def attach(call: Call) -> Json:
    """Put the ISO in the drive named by tag, else in the lowest empty one."""
    iso = call.variables["isoUuid"]
    async with call.node.queue(call.vm_uuid):
        vm = call.vm()
        try:
            check_state(call, vm, _STATES)
            drive = _free_drive(call, vm, iso)
            if vm.state != "Stopped":
                await call.node.agent(call, vm, "attach-iso")
            _fill(vm, drive, iso)
        except ApiError as error:
            record(call, vm, iso, error=error)
            raise
        record(call, vm, iso, changed=True)
        return {"inventory": inventory.vm(vm)}


def _free_drive(call: Call, vm: Vm, iso: str) -> CdRom:
    if iso in vm.iso_uuids:
        raise operation_failed(
            zh=f"云主机[uuid:{vm.uuid}]已挂载ISO[uuid:{iso}]",
            en=f"VM[uuid:{vm.uuid}] already has an ISO[uuid:{iso}] attached",
        )
    tags = [tag.removeprefix(_CDROM_TAG) for tag in call.tags if _CDROM_TAG in tag]
    drives = [drive for drive in vm.cdroms if not tags or drive.uuid in tags]
    empty = next((drive for drive in drives if not drive.iso_uuid), None)
    if not empty:
        raise operation_failed(
            zh=f"云主机[uuid:{vm.uuid}]没有可用的光驱",
            en=f"All vm[uuid:{vm.uuid}] CD-ROMs have mounted the ISO",
        )
    return empty


def _fill(vm: Vm, drive: CdRom, iso: str | None) -> None:
    drive.iso_uuid = iso
    touch(vm)
    drive.changed = vm.changed


async def candidates(call: Call) -> Json:
    """List the ISOs that could be attached to the VM."""
    vm = call.vm()
    images = [
        image
        for image in call.node.world.images.values()
        if image.media_type == "ISO"
        and (image.state, image.status) == ("Enabled", "Ready")
        and image.uuid not in vm.iso_uuids
        and _may_use(call, image)
    ]
    return {"inventories": [inventory.image(image) for image in images]}
