"""What a workflow asks for: nothing before its person agrees, and one end for it to hear."""

import json
from dataclasses import replace

import pytest

from desk import audit
from desk.notice import Outcome, Slot
from desk.person import SERVICE, Standing
from desk.policy import Policy
from tests.desk.conftest import ALICE, BOB, PLACE, open_desk


@pytest.fixture
def run(bench):
    """Let a workflow run a step; the row where it came to rest."""

    async def run(
        operation="DetachIsoFromVmInstance", *, person=ALICE, until=None, **arguments
    ):
        known = arguments or {"vm_instance_uuid": "web-01"}
        asked = bench.request(operation, person=person, **known)
        more = {"workflow": "Wx1", "place": PLACE | {"channel": "", "step": "Fx1"}}
        row, _ = await bench.desk.ledger.accept(asked.model_copy(update=more))
        return await bench.settle(row, until=until)

    return run


@pytest.fixture
async def asked(run):
    """A step that asks Alice, at rest."""
    return await run()


@pytest.fixture
async def served(bench, story):
    """The bot has an access key of its own, and `steps` says what runs under it."""
    bench.people.standings[SERVICE.user] = Standing.SERVICE
    url = bench.desk.cloud.url.removesuffix("/zstack")
    people, key = bench.people, "ops-key:ops-key-secret"
    fresh = open_desk(bench.database_url, url, bench.clock, people, service_key=key)
    desk = await story.stack.enter_async_context(fresh)

    def let(*lines, **sections):
        policy = Policy.model_validate({"steps": {"service_key": lines}} | sections)
        bench.desk = replace(desk, policy=lambda: policy)

    let({"name": "all", "what": {"commands": ["*"]}})
    return let


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


async def test_several_isos_are_one_end(run, bench, story):
    row = await story.answered(await run(vm_instance_uuid="db-01"), "Run")

    await story.answered(row, "All 2")

    (heard,) = bench.told.notices(Slot.STEP)
    assert heard.title.endswith("2 of 2 succeeded")


async def test_the_audit_says_that_a_workflow_asked(asked, bench, story):
    await story.answered(asked, "Run")

    found = [json.loads(it.entry) async for it in audit.links(bench.desk.store)]
    assert {it["workflow"] for it in found} == {"Wx1"}


async def test_what_the_policy_lets_runs_under_the_service_key(
    run, bench, served, story
):
    row = await run()

    assert (row.outcome, row.person) == (Outcome.SUCCEEDED, SERVICE)
    assert row.account == "access key ops-key"
    assert story.changes() == 1
    assert [it.slot for it in bench.told.notices()] == [Slot.STEP]


async def test_under_the_service_key_a_policy_line_stands_for_a_confirmation(
    run, served
):
    row = await run("RebootVmInstance", uuid="web-01")

    assert row.outcome is Outcome.SUCCEEDED


async def test_what_the_policy_does_not_let_asks_the_person(run, served, story):
    served({"name": "look", "what": {"commands": ["vm list"]}})

    row = await run()

    assert (row.step, row.person) == ("ask.1", ALICE)


async def test_without_a_service_key_the_person_is_asked(run, served, bench):
    bench.desk = replace(bench.desk, service=None)

    assert (await run()).step == "ask.1"


async def test_on_another_vm_than_the_policy_lets_the_person_is_asked(run, served):
    served({"name": "tests", "where": {"names": ["test-*"]}})

    row = await run()

    assert (row.step, row.person) == ("ask.1", ALICE)


async def test_on_the_vm_that_the_policy_lets_nobody_is_asked(run, served):
    served({"name": "shop", "where": {"names": ["web-*"]}})

    assert (await run()).outcome is Outcome.SUCCEEDED


async def test_when_several_vms_fit_the_person_is_asked(run, served):
    assert (await run(vm_instance_uuid="twin")).step == "ask.1"


async def test_a_vm_that_is_renamed_after_the_look_is_decided_about_again(
    run, served, bench, story
):
    served({"name": "shop", "where": {"names": ["web-*"]}})
    row = await run(until="turn.1")
    bench.node.world.vm("web-01").name = "other-01"

    row = await bench.settle(row)

    assert row.outcome is Outcome.REFUSED
    assert "Name a “person” who is asked" in bench.told.last.lines[0]
    assert story.changes() == 0


async def test_what_would_have_to_be_asked_is_refused(run, served, bench, story):
    row = await run(vm_instance_uuid="db-01")

    assert row.outcome is Outcome.REFUSED
    assert bench.told.last.next_step.startswith("Nobody can answer that")
    assert story.changes() == 0


async def test_an_iso_that_a_vm_may_run_from_is_not_taken_out_by_nobody(
    run, served, story
):
    row = await run(vm_instance_uuid="installer-01")

    assert row.outcome is Outcome.REFUSED
    assert story.changes() == 0


async def test_a_step_under_the_service_key_goes_on_after_a_crash(
    run, bench, served, story
):
    request = bench.request("DetachIsoFromVmInstance", vm_instance_uuid="web-01")
    more = {"workflow": "Wx1", "place": PLACE | {"channel": "", "step": "Fx1"}}
    row, _ = await bench.desk.ledger.accept(request.model_copy(update=more))
    (claimed,) = await bench.desk.ledger.claim(1)
    await bench.runner.advance(claimed)
    bench.clock.now += 60

    row = await bench.settle(row)

    assert row.outcome is Outcome.SUCCEEDED
    assert len(bench.told.notices(Slot.STEP)) == 1


@pytest.mark.parametrize(
    ("word", "outcome"),
    [("Approve", Outcome.SUCCEEDED), ("Deny", Outcome.REFUSED), ("", Outcome.EXPIRED)],
    ids=["approved", "denied", "not approved in time"],
)
async def test_a_step_waits_for_approval_as_any_command(
    run, bench, story, word, outcome
):
    row = await story.answered(await run("DestroyVmInstance", uuid="web-01"), "Run")
    await story.press("Ask for approval", text="replaced")
    await bench.settle(row)

    if word:
        await story.press(word, BOB)
    bench.clock.now += 0 if word else 901
    row = await bench.settle(row)

    (heard,) = bench.told.notices(Slot.STEP)
    assert (row.outcome, heard.outcome) == (outcome, outcome)


async def test_vms_with_an_iso_are_listed_without_the_others(run, story, bench):
    row = await run("QueryVmInstance", like="web-0", with_iso=True)

    await story.answered(row, "Run")

    (heard,) = bench.told.notices(Slot.STEP)
    names = {line[0] for line in heard.table[1:]}
    assert "web-01" in names
    assert "web-02" not in names


async def test_when_no_vm_has_an_iso_the_list_says_so(run, story, bench):
    row = await run("QueryVmInstance", like="web-02", with_iso=True)

    await story.answered(row, "Run")

    (heard,) = bench.told.notices(Slot.STEP)
    assert heard.title.endswith("“web-02” in its name and an ISO in it")


async def test_no_secret_is_waited_for_under_the_service_key(run, served, bench, story):
    row = await run("ChangeVmPassword", uuid="web-01", account="root")

    assert row.outcome is Outcome.REFUSED
    assert bench.told.last.title.startswith("Nobody can type a secret")
    assert story.changes() == 0


async def test_a_secret_answer_is_for_the_person_and_not_for_the_workflow(
    run, bench, story
):
    await story.answered(await run("GetVmConsoleAddress", uuid="web-01"), "Run")

    (heard,) = bench.told.notices(Slot.STEP)
    assert heard.outcome is Outcome.SUCCEEDED
    assert story.answer.lines
    assert heard.lines == ()


async def test_run_is_pressed_by_whoever_has_another_home_team_too(
    bench, run, story, proven
):
    home = {"enterprise": "E1", "team": "T9"}
    bench.people.homes[ALICE.user] = home
    alice = ALICE.model_copy(update=home)
    await bench.log_in(alice)
    row = await run()

    await story.press("Run", alice)

    row = await bench.settle(row)
    proven(row)
    assert row.person == alice
