"""Workflow steps: recorded once, run when their person says so, ended once."""

import asyncio

import pytest

from bot.manifest import manifest
from handlers.slack.functions import CLOUD, PERSON, functions
from handlers.slack.steps import step_of, understand
from sandbox.slack import Fault, events
from sandbox.slack.workspace import BOT_USER

DETACH = {"vm_instance_uuid": "web-01", "person": "U0ALICE"}


@pytest.fixture(autouse=True)
def _installed(slack):
    slack.install(manifest("https://bot.example", steps=True))


@pytest.fixture
async def asked(bot):
    """The question to Alice whether a step shall run; she is logged in."""
    await bot.log_in()
    await bot.slack.step("iso_detach", DETACH)
    return await bot.said("A workflow asks you to run")


async def test_a_step_runs_when_its_person_presses_run(bot, asked):
    await bot.slack.press(asked, "Run")

    ended = await bot.slack.completion()
    assert ended.outputs == {
        "outcome": "succeeded",
        "resource_uuid": bot.node.world.vm("web-01").uuid,
        "summary": "Detached ubuntu-24.04.iso from web-01",
    }


async def test_the_question_says_what_will_be_done_and_in_whose_name(bot, asked):
    assert asked.channel == "D0ALICE"
    assert asked.author == BOT_USER
    assert "/detach-iso web-01" in asked.text
    assert "Detach an ISO from a VM." in asked.text
    assert "in your name and with your ZStack session" in asked.text
    assert [it.label for it in asked.controls] == ["Run", "Not now"]


async def test_question_progress_and_outcome_are_one_message_to_the_person(bot, asked):
    await bot.slack.press(asked, "Run")

    done = await bot.ended("succeeded")
    assert done is asked
    assert [it.label for it in done.controls] == ["Undo", "Details", "Command line"]


async def test_a_step_whose_person_says_no_fails_with_who_said_so(bot, asked):
    await bot.slack.press(asked, "Not now")

    ended = await bot.slack.completion()
    said = "alice said no to “/detach-iso web-01”, so nothing was done."
    assert ended.error == said
    assert bot.node.log.executed == []


async def test_nobody_else_can_press_run(bot, asked):
    await bot.slack.press(asked, "Run", user="bob")

    await bot.said("Only the person who was asked can answer this")
    assert bot.slack.state.completions == []


async def test_run_pressed_twice_is_run_once(bot, asked):
    run, *_ = asked.controls

    await asyncio.gather(*(bot.slack.click(asked, run) for _ in range(2)))

    await bot.slack.completion()
    assert len(bot.node.log.executed) == 1


async def test_unchanged_is_a_success_that_says_so(bot):
    await bot.log_in()
    await bot.slack.step("iso_detach", DETACH | {"vm_instance_uuid": "web-02"})
    await bot.slack.press(await bot.said("A workflow asks you"), "Run")

    ended = await bot.slack.completion()
    assert ended.outputs["outcome"] == "unchanged"


async def test_a_failure_says_why_and_what_to_do_next(bot):
    await bot.log_in()
    await bot.slack.step("iso_detach", DETACH | {"vm_instance_uuid": "agentless-01"})
    await bot.slack.press(await bot.said("A workflow asks you"), "Run")

    ended = await bot.slack.completion()
    assert "Could not detach" in ended.error
    assert ended.error.endswith("then press Retry.")


async def test_a_list_is_told_line_by_line(bot):
    await bot.log_in()
    await bot.slack.step("vm_list", {"like": "web", "person": "U0ALICE"})
    await bot.slack.press(await bot.said("A workflow asks you"), "Run")

    ended = await bot.slack.completion()
    assert "\nweb-01 · Running · " in ended.outputs["summary"]


async def test_who_has_no_session_is_asked_to_log_in_after_run(bot):
    await bot.slack.step("iso_detach", DETACH)
    await bot.slack.press(await bot.said("A workflow asks you"), "Run")

    assert "/login/" in await bot.link("alice")


async def test_what_disrupts_is_confirmed_after_run(bot):
    await bot.log_in()
    await bot.slack.step("vm_reboot", {"uuid": "web-01", "person": "U0ALICE"})
    await bot.slack.press(await bot.said("A workflow asks you"), "Run")

    await bot.slack.press(await bot.said("Reboot web-01?"), "Reboot it")

    assert (await bot.slack.completion()).outputs["outcome"] == "succeeded"


@pytest.mark.parametrize(
    ("person", "said"),
    [
        pytest.param(None, "The step names nobody", id="nobody"),
        pytest.param("", "The step names nobody", id="empty"),
        pytest.param("U0|T0|x", "The step names nobody", id="no id"),
        pytest.param("U0GUEST", "a guest of this workspace", id="guest"),
        pytest.param("U0NOBODY", "nobody of this workspace", id="unknown"),
        pytest.param("U0GONE", "a deactivated account", id="deactivated"),
        pytest.param("U0ROBOT", "a bot", id="bot"),
    ],
)
async def test_a_step_without_a_member_fails_and_asks_nobody(bot, person, said):
    inputs = {"vm_instance_uuid": "web-01"}
    await bot.slack.step(
        "iso_detach", inputs | ({} if person is None else {"person": person})
    )

    ended = await bot.slack.completion()
    assert said in ended.error
    assert "“person”" in ended.error
    assert bot.slack.messages() == []


async def test_a_step_fails_when_slack_cannot_say_who_its_person_is(bot):
    bot.slack.faults.add(Fault("users.info", "refuse", count=9, error="fatal_error"))

    await bot.slack.step("iso_detach", DETACH)

    ended = await bot.slack.completion()
    assert ended.error.endswith("Run the workflow again in a minute.")


@pytest.mark.parametrize(
    ("callback_id", "inputs", "said"),
    [
        pytest.param("iso_burn", {}, "no step “iso_burn”", id="no such step"),
        pytest.param("iso_attach", {"vm_instance_uuid": "web-01"}, "“ISO” is empty", id="missing"),
        pytest.param("iso_attach", {"vm_instance_uuid": "web-01", "iso_uuid": " "}, "“ISO” is empty", id="blank"),
        pytest.param("iso_detach", {"vm_instance_uuid": 7}, "“VM” is wrong", id="of another type"),
        pytest.param("iso_detach", {"vm_instance_uuid": {"a": []}}, "“VM” is wrong", id="an object"),
        pytest.param("iso_detach", {"vm_instance_uuid": "web\ud800"}, "control character", id="not text"),
        pytest.param("iso_detach", {"vm_instance_uuid": "<!channel>"}, "Slack mention", id="a mention"),
        pytest.param("iso_detach", {"drive": "1"}, "other inputs by now", id="of an older manifest"),
        pytest.param("vm_stop", {"uuid": "web-01", "type": "hot"}, "“Type” is wrong", id="not a choice"),
        pytest.param("vm_show", {"show": []}, "“VM” is wrong", id="no name"),
    ],
)  # fmt: skip
async def test_what_cannot_be_understood_fails_with_a_sentence(
    bot, callback_id, inputs, said
):
    bot.slack.state.functions = {}  # as if another manifest were installed

    await bot.slack.step(callback_id, inputs | {"person": "U0ALICE"})

    ended = await bot.slack.completion()
    assert said in ended.error
    assert ended.error.endswith(".")
    assert bot.slack.messages() == []


async def test_every_delivery_of_a_step_is_one_row(idle):
    inner = events.function_executed(idle.slack.state, "iso_detach", DETACH)

    acks = [*await idle.slack.event(inner), *await idle.slack.event(inner)]

    assert [(it.status, it.body) for it in acks] == [(200, "")] * 2
    assert len(await idle.rows()) == 1


async def test_a_step_is_recorded_before_it_is_acknowledged(idle):
    await idle.sql("ALTER TABLE command RENAME TO gone")

    acks = await idle.slack.step("iso_detach", DETACH)

    assert [it.status for it in acks] == [503] * 4


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"event": {"type": "function_executed"}}, id="no step"),
        pytest.param({"team_id": "T0|U0"}, id="no team"),
        pytest.param({"team_id": None}, id="team missing"),
    ],
)
def test_what_names_no_step_is_none(slack, changes):
    inner = events.function_executed(slack.state, "iso_detach", DETACH)

    assert step_of(events.callback(slack.state, inner) | changes) is None


async def test_what_names_no_step_is_acknowledged(idle):
    (ack,) = await idle.slack.event({"type": "function_executed"})

    assert ack.status == 200


async def test_no_secret_of_a_step_is_stored(idle, slack):
    await idle.slack.step("iso_detach", DETACH)

    (row,) = await idle.rows()
    assert "xwfp" not in repr(row.model_dump())


@pytest.mark.parametrize(
    ("inputs", "cloud"),
    [({"cloud": " lab "}, "lab"), ({}, ""), ({"cloud": "a\x00\ud800"}, "a��")],
    ids=["named", "left out", "unreadable"],
)
async def test_a_step_may_name_one_of_several_clouds(idle, inputs, cloud):
    idle.slack.install(manifest("https://bot.example", clouds=True))

    await idle.slack.step("iso_detach", DETACH | inputs)

    (row,) = await idle.rows()
    assert row.cloud == cloud
    assert row.operation == "DetachIsoFromVmInstance"
    assert "cloud" not in row.arguments


async def test_a_step_that_names_a_cloud_that_is_none_says_so(bot):
    bot.slack.install(manifest("https://bot.example", clouds=True))
    await bot.slack.step("iso_detach", DETACH | {"cloud": "moon" * 99})

    ended = await bot.slack.completion()
    assert "There is no cloud “moonmoon" in ended.error


def test_no_operation_has_a_field_that_every_step_has():
    fields = {name for it in functions().values() for name in it.inputs}

    assert fields.isdisjoint({PERSON, CLOUD})


@pytest.mark.parametrize("callback_id", functions())
def test_every_step_is_understood_by_its_required_inputs(callback_id):
    inputs = functions()[callback_id].inputs
    given = {name: "a" * 32 for name, it in inputs.items() if it.required}

    operation, arguments, words = understand(callback_id, given)

    assert operation == functions()[callback_id].operation.__name__
    assert arguments == given
    assert words.startswith("/")
