"""What an operation is to bring about, and whether it did: pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.operations import (
    AckAlarmData,
    AckEventData,
    AttachIsoToVmInstance,
    ChangeVmPassword,
    DestroyVmInstance,
    DetachIsoFromVmInstance,
    MigrateVm,
    PauseVmInstance,
    RebootVmInstance,
    RecoverVmInstance,
    ResumeVmInstance,
    StartVmInstance,
    StopVmInstance,
)
from desk.notice import DriveChange

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.models import VmInstance
    from api.operation import Operation


@dataclass(frozen=True)
class Effect:
    """The wanted state, the way back, and the words for both.

    The words take `{vm}`, `{iso}` and `{host}`, names as people know them. `states` are
    those in which ZStack takes the operation, any when empty. `shows` is False when a VM that is as wanted
    does not show that it was done: a running VM may or may not have been rebooted.
    """

    is_reached: Callable[[Any, VmInstance], bool]
    to_do: str
    doing: str
    done: str
    already: str
    unmoved: str
    states: tuple[str, ...]
    inverse: Callable[[Any, VmInstance | None], Operation[Any] | None] = (
        lambda _asked, _before: None
    )
    can_tell: Callable[[VmInstance], bool] = lambda _vm: True
    shows: bool = True

    @property
    def question(self) -> str:
        """Ask whether it shall be done."""
        return f"{self.to_do[0].upper()}{self.to_do[1:]}?"

    @property
    def when(self) -> str:
        """The states in words."""
        *most, last = self.states or ("in any state",)
        return f"{', '.join(most)} or {last}" if most else last

    @property
    def failed(self) -> str:
        """Say that it was not done."""
        return f"Could not {self.to_do}"

    def is_done(self, asked: Any, vm: VmInstance | None) -> bool:
        """Tell whether `vm` shows that what was asked for is done."""
        return bool(vm and self.shows and self.is_reached(asked, vm))


def _has_drives(vm: VmInstance) -> bool:
    return vm.vm_cd_roms is not None


def _state(
    wanted: str,
    verb: tuple[str, str, str],
    states: tuple[str, ...],
    back: type[Operation[Any]] | None = None,
    *,
    shows: bool = True,
) -> Effect:
    """The effect of an operation that brings a VM to a state."""
    plain, doing, done = verb
    return Effect(
        is_reached=lambda _, vm: vm.state == wanted,
        inverse=lambda asked, _: (
            back.model_validate({"uuid": asked.uuid}) if back else None
        ),
        to_do=f"{plain} {{vm}}",
        doing=f"{doing} {{vm}}",
        done=f"{done} {{vm}}",
        already=f"{{vm}} is {wanted} already",
        unmoved=f"ZStack reported success, but {{vm}} is not {wanted}",
        states=states,
        shows=shows,
    )


def _move_back(asked: MigrateVm, before: VmInstance | None) -> MigrateVm | None:
    if not before or not before.host_uuid:
        return None
    vm_uuid = asked.vm_instance_uuid
    return MigrateVm(vm_instance_uuid=vm_uuid, host_uuid=before.host_uuid)


_ACK = Effect(
    is_reached=lambda _, __: False,
    to_do="acknowledge {alert}",
    doing="Acknowledging {alert}",
    done="Acknowledged {alert}",
    already="{alert} is acknowledged already",
    unmoved="ZStack reported success, but {alert} is not acknowledged",
    states=(),
    shows=False,
)
_SETTLED = ("Running", "Stopped", "Paused")

EFFECTS: dict[type[Operation[Any]], Effect] = {
    DetachIsoFromVmInstance: Effect(
        is_reached=lambda asked, vm: asked.iso_uuid not in vm.iso_uuids,
        inverse=lambda asked, _: AttachIsoToVmInstance(
            vm_instance_uuid=asked.vm_instance_uuid, iso_uuid=asked.iso_uuid
        ),
        to_do="detach {iso} from {vm}",
        doing="Detaching {iso} from {vm}",
        done="Detached {iso} from {vm}",
        already="{iso} is not attached to {vm}",
        unmoved="ZStack reported success, but {iso} is still attached to {vm}",
        states=_SETTLED,
        can_tell=_has_drives,
    ),
    AttachIsoToVmInstance: Effect(
        is_reached=lambda asked, vm: asked.iso_uuid in vm.iso_uuids,
        inverse=lambda asked, _: DetachIsoFromVmInstance(
            vm_instance_uuid=asked.vm_instance_uuid, iso_uuid=asked.iso_uuid
        ),
        to_do="attach {iso} to {vm}",
        doing="Attaching {iso} to {vm}",
        done="Attached {iso} to {vm}",
        already="{iso} is attached to {vm} already",
        unmoved="ZStack reported success, but {iso} is not attached to {vm}",
        states=_SETTLED,
        can_tell=_has_drives,
    ),
    StartVmInstance: _state(
        "Running", ("start", "Starting", "Started"), ("Stopped",), StopVmInstance
    ),
    StopVmInstance: _state(
        "Stopped",
        ("stop", "Stopping", "Stopped"),
        ("Running", "Paused"),
        StartVmInstance,
    ),
    RebootVmInstance: _state(
        "Running", ("reboot", "Rebooting", "Rebooted"), ("Running",), shows=False
    ),
    ChangeVmPassword: Effect(
        is_reached=lambda _, __: True,
        to_do="change a password in {vm}",
        doing="Changing a password in {vm}",
        done="Changed a password in {vm}",
        already="the password in {vm} is changed already",
        unmoved="ZStack reported success, but nothing changed in {vm}",
        states=("Running",),
        shows=False,
    ),
    PauseVmInstance: _state(
        "Paused", ("pause", "Pausing", "Paused"), ("Running",), ResumeVmInstance
    ),
    ResumeVmInstance: _state(
        "Running", ("resume", "Resuming", "Resumed"), ("Paused",), PauseVmInstance
    ),
    DestroyVmInstance: _state(
        "Destroyed",
        ("destroy", "Destroying", "Destroyed"),
        _SETTLED,
        RecoverVmInstance,
    ),
    RecoverVmInstance: _state(
        "Stopped", ("recover", "Recovering", "Recovered"), ("Destroyed",)
    ),
    MigrateVm: Effect(
        is_reached=lambda asked, vm: vm.host_uuid == asked.host_uuid,
        inverse=_move_back,
        to_do="migrate {vm} to {host}",
        doing="Migrating {vm} to {host}",
        done="Migrated {vm} to {host}",
        already="{vm} is on {host} already",
        unmoved="ZStack reported success, but {vm} is not on {host}",
        states=("Running", "Paused"),
    ),
    AckAlarmData: _ACK,
    AckEventData: _ACK,
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
