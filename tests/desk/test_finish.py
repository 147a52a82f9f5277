"""How a command ends: who is told, and what can be pressed."""

import pytest

from api.models import ErrorCode, VmCdRom, VmInstance
from desk.notice import Outcome, Slot
from desk.steps.finish import finish, freed
from tests.desk.conftest import PLACE

ISO = "b" * 32
VM = VmInstance(uuid="a" * 32, vm_cd_roms=(VmCdRom(uuid="c", iso_uuid=ISO),))
EMPTY = VmInstance(uuid="a" * 32, vm_cd_roms=(VmCdRom(uuid="c"),))
DETACH = {"vm_instance_uuid": VM.uuid, "iso_uuid": ISO}


@pytest.fixture
async def row(bench):
    """A detach that ran for a second."""
    made = await bench.accept("DetachIsoFromVmInstance", **DETACH)
    known = {"resource_uuid": VM.uuid, "resource_name": "my vm", "before": VM}
    known |= {"started_at": 100.0, "claimed_at": 101.0, "job_uuid": "f" * 32}
    memo = made.remember(is_told=True, names={ISO: "rescue.iso"})
    return made.model_copy(update=known | {"memo": memo})


@pytest.fixture
async def errand(bench):
    return await bench.accept("whoami", key="errand")


def slots(step):
    return [notice.slot for _, notice in step.notices]


def labels(step):
    return [choice.label for choice in step.notices[0][1].choices]


def offer(step, label):
    return next(one for one in step.offers if one["label"] == label)


def test_an_ended_row_waits_for_nothing(row):
    step = finish(row, Outcome.SUCCEEDED, "Done", after=EMPTY)

    assert (step.step, step.due_in, step.notices[0][0]) == ("done.1", None, PLACE)
    assert step.changes["after"] == EMPTY
    assert step.changes["question"] is None


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.EXPIRED])
def test_what_nothing_came_of_is_told_to_the_asker_alone(row, outcome):
    quiet = row.model_copy(update={"memo": row.remember(is_told=False)})

    assert slots(finish(quiet, outcome, "No")) == [Slot.PRIVATE]


def test_a_refusal_is_shown_where_the_command_is_shown_already(row):
    assert slots(finish(row, Outcome.REFUSED, "No")) == [Slot.ANSWER]


def test_an_errand_is_answered_to_the_asker_alone(errand):
    step = finish(errand, Outcome.FAILED, "No")

    assert slots(step) == [Slot.PRIVATE]
    assert step.offers == ()


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.UNKNOWN])
def test_a_bad_end_calls_the_asker_in_the_thread(row, outcome):
    step = finish(row, outcome, "No", next_step="Look.")

    (_, answer), (_, call) = step.notices
    assert [answer.slot, call.slot] == [Slot.ANSWER, Slot.THREAD]
    assert (call.outcome, call.title, call.next_step) == (outcome, "No", "Look.")


@pytest.mark.parametrize(
    ("seconds", "called"), [(29.9, False), (30.0, True)], ids=["soon", "after 30 s"]
)
def test_a_long_wait_calls_the_asker_in_the_thread(row, seconds, called):
    late = row.model_copy(update={"claimed_at": row.started_at + seconds})

    assert (Slot.THREAD in slots(finish(late, Outcome.SUCCEEDED, "Done"))) is called


def test_a_success_offers_to_undo_it_for_fifteen_minutes(row):
    undo = offer(finish(row, Outcome.SUCCEEDED, "Done", after=EMPTY), "Undo")

    assert undo["expires"] == 900
    assert undo["payload"] == {
        "operation": "AttachIsoToVmInstance",
        "arguments": DETACH,
        "words": '/attach-iso "my vm" rescue.iso',
        "seen": {"state": None, "host": None, "isos": [], "names": {}},
    }


def test_a_failure_offers_to_try_again(row):
    retry = offer(finish(row, Outcome.FAILED, "No"), "Retry")

    assert retry["payload"]["operation"] == "DetachIsoFromVmInstance"
    assert retry["payload"]["arguments"] == DETACH


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        pytest.param({}, ["Retry", "Details", "Command line"], id="all is known"),
        pytest.param({"job_uuid": None}, ["Retry", "Details", "Command line"], id="vm"),
        pytest.param({"before": None}, ["Retry", "Command line"], id="job"),
        pytest.param({"before": None, "job_uuid": None}, ["Retry"], id="nothing"),
    ],
)
def test_more_is_offered_of_what_is_known(row, known, expected):
    step = finish(row.model_copy(update=known), Outcome.FAILED, "No")

    assert labels(step) == expected == [one["label"] for one in step.offers]


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.EXPIRED])
def test_what_nothing_came_of_offers_nothing(row, outcome):
    assert finish(row, outcome, "No").offers == ()


def test_what_changed_nothing_offers_no_way_back(row):
    assert "Undo" not in labels(finish(row, Outcome.UNCHANGED, "Same", after=VM))


def test_an_error_brings_its_own_advice(row):
    error = ErrorCode(code="VM.1010")

    (_, notice), _ = finish(row, Outcome.FAILED, "No", error=error).notices

    assert notice.error == error
    assert notice.next_step.startswith("ZStack does this while")


def test_a_hint_of_the_step_goes_before_the_general_advice(row):
    error = ErrorCode(code="VM.1010")

    step = finish(row, Outcome.FAILED, "No", error=error, next_step="Look.")

    assert step.notices[0][1].next_step == "Look."


def test_the_card_shows_the_drives_before_and_after(row):
    step = finish(row, Outcome.SUCCEEDED, "Done", after=EMPTY)

    ((_, notice),) = step.notices
    (drive,) = notice.card.drives
    assert (drive.before, drive.after) == (ISO, None)
    assert notice.seconds == 1


def test_what_was_never_started_took_no_time(errand):
    assert finish(errand, Outcome.SUCCEEDED, "You").notices[0][1].seconds is None


async def test_what_was_sent_keeps_its_button_to_itself(row):
    pressed = row.model_copy(update={"key": "offer:undo", "sent_at": 100.5})
    step = finish(pressed, Outcome.UNKNOWN, "Nobody knows")

    assert freed(pressed, step) is step
