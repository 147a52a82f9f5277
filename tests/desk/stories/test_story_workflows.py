"""What a workflow asks for: nothing before its person agrees, and one end for it to hear."""

import json

import pytest

from desk import audit
from desk.notice import Outcome, Slot
from tests.desk.conftest import BOB


@pytest.fixture
async def asked(bench):
    """A step that asks Alice, at rest."""
    request = bench.request("DetachIsoFromVmInstance", vm_instance_uuid="web-01")
    request = request.model_copy(update={"workflow": "Wx1"})
    row, _ = await bench.desk.ledger.accept(request)
    return await bench.settle(row)


async def test_nothing_is_asked_of_zstack_before_run(bench, asked, story):
    assert asked.step == "ask.1"
    assert story.labels == ["Run", "Not now"]
    assert story.changes() == 0


async def test_run_goes_on_as_a_command_of_the_person(asked, story, proven, bench):
    row = await story.answered(asked, "Run")

    proven(row)
    (heard,) = bench.told.notices(Slot.STEP)
    assert (heard.outcome, heard.choices) == (Outcome.SUCCEEDED, ())


async def test_a_question_that_nobody_answers_expires_for_all(asked, bench, story):
    bench.clock.now += 901

    row = await bench.settle(asked)

    assert row.outcome is Outcome.EXPIRED
    (heard,) = bench.told.notices(Slot.STEP)
    assert heard.next_step == (
        "Nothing was done. Run the workflow again when somebody can answer."
    )
    assert story.answer.outcome is Outcome.EXPIRED
    assert story.answer.choices == ()


async def test_rights_are_asked_when_run_is_pressed(asked, bench, story):
    bench.people.standings["UALICE"] = "guest"

    row = await story.answered(asked, "Run")

    assert row.outcome is Outcome.REFUSED
    assert "Guests of this workspace" in story.answer.lines[0]
    assert story.changes() == 0


async def test_run_is_for_the_person_who_was_asked(asked, bench, story):
    await story.press("Run", BOB)

    row = await bench.settle(asked)
    assert row.step == "ask.1"


async def test_a_step_taken_back_ends_the_workflow(asked, bench, story):
    assert await bench.desk.ledger.cancel(asked)
    await bench.settle(asked)

    (heard,) = bench.told.notices(Slot.STEP)
    assert heard.title.startswith("Ualice cancelled “Detach")


async def test_several_isos_are_one_end(bench, story):
    request = bench.request("DetachIsoFromVmInstance", vm_instance_uuid="db-01")
    request = request.model_copy(update={"workflow": "Wx1"})
    row, _ = await bench.desk.ledger.accept(request)
    await story.answered(await bench.settle(row), "Run")

    await story.answered(row, "All 2")

    (heard,) = bench.told.notices(Slot.STEP)
    assert heard.title.endswith("2 of 2 succeeded")


async def test_the_audit_says_that_a_workflow_asked(asked, bench, story):
    await story.answered(asked, "Run")

    found = [json.loads(it.entry) async for it in audit.links(bench.desk.store)]
    assert {it["workflow"] for it in found} == {"Wx1"}
