"""Workflow steps as Slack runs them, strictly by the manifest."""

import json

import httpx
import pytest

STRING = {"type": "string"}
MANIFEST = {
    "functions": {
        "greet": {
            "title": "Greet",
            "input_parameters": {"properties": {"who": STRING}, "required": ["who"]},
            "output_parameters": {
                "properties": {"said": STRING, "times": {"type": "integer"}},
                "required": ["said"],
            },
        }
    }
}


@pytest.fixture
async def execution(slack, bot):
    """A step that waits for its end."""
    slack.install(MANIFEST)
    await slack.step("greet", {"who": "you"})
    return json.loads(bot.came[-1][1])["event"]


@pytest.fixture
def end(api, execution):
    """End the step; what Slack says to it."""

    async def end(method="completeSuccess", token="", **how):
        given = {"function_execution_id": execution["function_execution_id"]} | how
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = await api.http.post(f"functions.{method}", json=given, headers=headers)
        return answer.json().get("error", "")

    return end


@pytest.mark.parametrize(
    ("inputs", "fault"),
    [
        pytest.param({}, "missing: who", id="missing"),
        pytest.param({"who": "you", "how": "loud"}, "unknown: how", id="unknown"),
        pytest.param({"who": 7}, "who is no string", id="of another type"),
    ],
)
async def test_a_step_is_filled_in_as_the_manifest_says(slack, bot, inputs, fault):
    slack.install(MANIFEST)

    with pytest.raises(LookupError, match=fault):
        await slack.step("greet", inputs)

    assert bot.came == []


@pytest.mark.parametrize(
    "outputs",
    [
        pytest.param({}, id="missing"),
        pytest.param({"said": "hi", "loud": "yes"}, id="unknown"),
        pytest.param({"said": "hi", "times": "2"}, id="of another type"),
    ],
)
async def test_outputs_have_to_be_those_of_the_manifest(slack, end, outputs):
    assert await end(outputs=outputs) == "parameter_validation_failed"
    assert slack.state.completions == []


async def test_a_step_ends_once(slack, end):
    assert await end(outputs={"said": "hi"}) == ""
    assert await end("completeError", error="no") == "execution_not_in_running_state"

    assert (await slack.completion()).outputs == {"said": "hi"}


@pytest.mark.parametrize(
    ("method", "how"),
    [
        pytest.param("completeSuccess", {}, id="no outputs"),
        pytest.param("completeSuccess", {"outputs": "hi"}, id="outputs are no object"),
        pytest.param("completeError", {}, id="no error"),
    ],
)
async def test_what_is_missing_is_refused(end, method, how):
    assert await end(method, **how) == "invalid_arguments"


async def test_the_token_of_another_step_has_no_access(slack, bot, end, execution):
    await slack.step("greet", {"who": "me"})
    other = json.loads(bot.came[-1][1])["event"]

    said = await end(token=other["bot_access_token"], outputs={"said": "hi"})

    assert said == "access_denied"


async def test_the_token_of_a_step_is_good_until_it_has_ended(slack, end, execution):
    token = execution["bot_access_token"]
    assert await end(token=token, outputs={"said": "hi"}) == ""

    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(headers=headers) as client:
        answer = await client.post(f"{slack.state.url}/api/auth.test")

    assert answer.json()["error"] == "invalid_auth"
