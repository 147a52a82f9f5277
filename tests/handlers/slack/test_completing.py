"""Ending a workflow step: once, whatever Slack answers."""

import pytest

from api.models import ErrorCode
from desk.errors import Undeliverable
from desk.notice import Outcome, Slot
from sandbox.slack import Fault, events

SUCCESS = "functions.completeSuccess"


@pytest.fixture
def step(idle, tell, place):
    """Tell how a step ended that Slack waits for."""
    events.function_executed(idle.slack.state, "iso_detach", {})
    (execution,) = idle.slack.state.executions

    async def end(outcome=Outcome.SUCCEEDED, **words):
        where = place(step=execution)
        return await tell(Slot.STEP, where, outcome=outcome, **words)

    return end


async def test_a_success_hands_over_its_outputs(step, idle):
    await step(title="Detached", lines=("a line",))

    (ended,) = idle.slack.state.completions
    assert ended.outputs == {
        "outcome": "succeeded",
        "resource_uuid": "u1",
        "summary": "Detached\na line",
    }


async def test_what_is_about_nothing_has_an_empty_resource(step, idle):
    await step(resource_uuid=None)

    assert idle.slack.state.completions[0].outputs["resource_uuid"] == ""


async def test_a_name_in_an_output_calls_nobody(step, idle):
    await step(title="Detached <!channel>")

    said = idle.slack.state.completions[0].outputs["summary"]
    assert said == "Detached &lt;!channel&gt;"


@pytest.mark.parametrize(
    "outcome", ["failed", "refused", "expired", "unknown"], ids=str
)
async def test_whatever_else_is_an_error_of_one_line(step, idle, outcome):
    error = ErrorCode(code="SYS.1", description="no disk")
    words = {"lines": ("It is\nfull.",), "error": error, "next_step": "Free some."}
    await step(Outcome(outcome), title="Not done", **words)

    (ended,) = idle.slack.state.completions
    assert ended.error == f"Not done. It is⏎full. {error}. Free some."


async def test_an_error_without_a_hint_says_where_to_look(step, idle):
    await step(Outcome.FAILED, title="Not done")

    assert idle.slack.state.completions[0].error.endswith("Look at /zstack history.")


async def test_a_refusal_says_itself_what_to_mend(step, idle):
    await step(Outcome.REFUSED, title="Name somebody.")

    assert idle.slack.state.completions[0].error == "Name somebody."


async def test_a_step_that_has_ended_is_left_as_it_is(step, idle):
    await step(title="first")

    await step(title="second")

    (ended,) = idle.slack.state.completions
    assert ended.outputs["summary"] == "first"


async def test_a_step_that_slack_does_not_know_is_let_go(step, idle):
    idle.slack.state.executions.clear()

    assert await step()


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        pytest.param(Fault(SUCCESS, "rate_limited", seconds=3), 3, id="rate limited"),
        pytest.param(Fault(SUCCESS, "server_error"), 1, id="server error"),
        pytest.param(Fault(SUCCESS, "drop_before"), 1, id="connection lost"),
        pytest.param(
            Fault(SUCCESS, "refuse", error="access_denied"), 60, id="for an operator"
        ),
    ],
)
async def test_what_does_not_get_through_is_tried_again(step, idle, fault, seconds):
    idle.slack.faults.add(fault)

    with pytest.raises(Undeliverable) as caught:
        await step()

    assert caught.value.retry_after == seconds
    assert caught.value.may_stand is False


async def test_an_answer_that_got_lost_ends_the_step_once(step, idle):
    idle.slack.faults.add(Fault(SUCCESS, "drop_after"))
    with pytest.raises(Undeliverable):
        await step()

    await step()

    assert len(idle.slack.state.completions) == 1


async def test_outputs_of_another_manifest_fail_with_what_was_done(step, idle):
    wrong = Fault(SUCCESS, "refuse", error="parameter_validation_failed")
    idle.slack.faults.add(wrong)

    await step(title="Detached")

    (ended,) = idle.slack.state.completions
    assert "bot manifest --steps" in ended.error
    assert ended.error.endswith("What was done: Detached")
