import pytest

from api.models import VmCdRom, VmInstance
from api.operation import resource_fields
from api.operations import (
    AttachIsoToVmInstance,
    DetachIsoFromVmInstance,
    MigrateVm,
    RebootVmInstance,
)
from desk.effects import EFFECTS, drive_changes
from desk.notice import DriveChange

DETACH, ATTACH = EFFECTS[DetachIsoFromVmInstance], EFFECTS[AttachIsoToVmInstance]


def vm(*isos: str | None) -> VmInstance:
    """Make a VM with a drive for each of `isos`."""
    drives = [
        VmCdRom(uuid=f"drive{device}", device_id=device, iso_uuid=iso)
        for device, iso in enumerate(isos)
    ]
    return VmInstance(uuid="a" * 32, vm_cd_roms=tuple(drives))


@pytest.mark.parametrize("isos", [(), (None,), ("rescue",), ("ubuntu", "rescue")])
def test_what_a_detach_reaches_an_attach_does_not(isos):
    detach = DetachIsoFromVmInstance(vm_instance_uuid="a" * 32, iso_uuid="ubuntu")
    attach = DETACH.inverse(detach, None)

    assert DETACH.is_reached(detach, vm(*isos)) == ("ubuntu" not in isos)
    assert ATTACH.is_reached(attach, vm(*isos)) == ("ubuntu" in isos)


def test_the_way_back_from_the_way_back_is_the_operation():
    attach = AttachIsoToVmInstance(vm_instance_uuid="a" * 32, iso_uuid="ubuntu")

    assert DETACH.inverse(ATTACH.inverse(attach, None), None) == attach


@pytest.mark.parametrize("operation", EFFECTS, ids=lambda it: it.__name__)
def test_every_sentence_names_the_vm_and_what_is_done_with_it(operation):
    effect = EFFECTS[operation]
    about = set(resource_fields(operation).values()) - {"vm"}
    said = (effect.question, effect.failed, effect.doing, effect.done, effect.unmoved)
    names = {"vm": "web-01", "alert": "web-01", "iso": "a.iso", "host": "host-1"}

    for words in said:
        spoken = words.format(**names)
        assert "web-01" in spoken
        assert all(names[kind.split()[-1]] in spoken for kind in about)


def test_a_vm_that_moved_goes_back_to_where_it_was():
    move = MigrateVm(vm_instance_uuid="a" * 32, host_uuid="new")
    before = VmInstance(uuid="a" * 32, host_uuid="old")
    inverse = EFFECTS[MigrateVm].inverse

    assert inverse(move, before).host_uuid == "old"
    assert inverse(move, None) is None
    assert inverse(move, VmInstance(uuid="a" * 32)) is None


def test_a_running_vm_does_not_show_that_it_was_rebooted():
    reboot = RebootVmInstance(uuid="a" * 32)
    running = VmInstance(uuid="a" * 32, state="Running")
    effect = EFFECTS[RebootVmInstance]

    assert effect.is_reached(reboot, running)
    assert not effect.is_done(reboot, running)


def test_every_drive_is_shown_in_the_order_of_the_machine():
    assert drive_changes(vm("ubuntu", None), vm(None, "rescue")) == (
        DriveChange(device_id=0, before="ubuntu", after=None),
        DriveChange(device_id=1, before=None, after="rescue"),
    )


def test_a_drive_that_came_or_went_is_shown_too():
    came = DriveChange(device_id=1, before=None, after="rescue")
    went = DriveChange(device_id=1, before="rescue", after=None)

    assert drive_changes(vm(None), vm(None, "rescue"))[1] == came
    assert drive_changes(vm(None, "rescue"), vm(None))[1] == went


def test_a_vm_of_an_old_zstack_shows_no_drives():
    old = VmInstance(uuid="a" * 32)

    assert drive_changes(old, old) == ()
