"""What stands in the way of doing something to a VM: named with the words that clear it."""

import pytest

from api.models import VmCdRom, VmInstance
from api.operations import (
    AckAlarmData,
    AttachIsoToVmInstance,
    DetachIsoFromVmInstance,
    MigrateVm,
    PauseVmInstance,
    RecoverVmInstance,
    StartVmInstance,
    StopVmInstance,
)
from desk.steps.cautions import cautions, obstacle, wrong_state

UUID = "a" * 32


def vm(*isos: str | None, state: str | None = "Running") -> VmInstance:
    """Make a VM with a drive for each of `isos`."""
    drives = tuple(
        VmCdRom(uuid=f"drive{n}", iso_uuid=iso) for n, iso in enumerate(isos)
    )
    return VmInstance(uuid=UUID, state=state, vm_cd_roms=drives)


@pytest.mark.parametrize(
    ("asked", "state", "way"),
    [
        pytest.param(PauseVmInstance, "Stopped", "Send /zstack vm start ", id="start"),
        pytest.param(MigrateVm, "Stopped", "Send /zstack vm start ", id="migrate"),
        pytest.param(PauseVmInstance, "Paused", "Send /zstack vm resume ", id="resume"),
        pytest.param(
            StartVmInstance, "Destroyed", "Send /zstack vm recover ", id="recover"
        ),
        pytest.param(StartVmInstance, "Unknown", "Look at its host first", id="host"),
        pytest.param(
            DetachIsoFromVmInstance, "Migrating", "Wait until that is over", id="wait"
        ),
    ],
)
def test_a_wrong_state_says_how_to_leave_it(asked, state, way):
    said = wrong_state(asked, vm(state=state), "my vm")

    assert said.startswith(f"my vm is {state}, and ZStack does this while a VM is ")
    assert way in said


def test_the_command_that_helps_can_be_sent_as_it_stands():
    said = wrong_state(PauseVmInstance, vm(state="Stopped"), "my vm")

    assert said.endswith('Send /zstack vm start "my vm" first.')


def test_where_no_command_leads_to_the_state_none_is_named():
    said = wrong_state(RecoverVmInstance, vm(), "web-01")

    assert said == "web-01 is Running, and ZStack does this while a VM is Destroyed."


@pytest.mark.parametrize(
    ("asked", "state"),
    [(StopVmInstance, "Paused"), (AckAlarmData, "Stopped"), (StopVmInstance, None)],
    ids=["right", "any will do", "not known"],
)
def test_a_state_that_will_do_is_not_spoken_of(asked, state):
    assert wrong_state(asked, vm(state=state), "web-01") is None


@pytest.mark.parametrize(
    ("asked", "isos", "said"),
    [
        pytest.param(
            MigrateVm, (None, "rescue"), "local storage ZStack migrates", id="iso"
        ),
        pytest.param(
            AttachIsoToVmInstance, ("a", "b"), "No drive of web-01 is empty", id="full"
        ),
        pytest.param(AttachIsoToVmInstance, (), "has no CD drive", id="no drive"),
    ],
)
def test_what_the_drives_stand_in_the_way_of_is_named(asked, isos, said):
    assert said in obstacle(asked, vm(*isos), "web-01")


@pytest.mark.parametrize(
    ("asked", "isos"),
    [(MigrateVm, (None,)), (AttachIsoToVmInstance, ("a", None)), (StopVmInstance, ())],
    ids=["nothing in it", "one is empty", "drives do not matter"],
)
def test_drives_that_do_not_matter_are_not_spoken_of(asked, isos):
    assert obstacle(asked, vm(*isos), "web-01") is None


def test_drives_that_zstack_does_not_tell_of_are_not_guessed_at():
    unseen = VmInstance(uuid=UUID, state="Running")

    assert obstacle(AttachIsoToVmInstance, unseen, "web-01") is None


def test_a_cold_stop_says_that_the_power_is_cut():
    assert cautions(StopVmInstance(uuid=UUID, type="cold"), vm(), "web-01") == (
        "The VM is Running.",
        "Its power is cut: the guest does not shut down first.",
    )
    assert cautions(StopVmInstance(uuid=UUID), vm(), "web-01") == (
        "The VM is Running.",
    )


def test_who_is_asked_reads_of_the_wrong_state_once_and_of_the_drives():
    move = MigrateVm(vm_instance_uuid=UUID, host_uuid="b" * 32)

    said = cautions(move, vm("rescue", state="Stopped"), "web-01")

    assert [line.partition(" ")[0] for line in said] == ["web-01", "An"]
