"""The manifest: valid against Slack's schema, and complete."""

import json
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

import api.operations  # noqa: F401  # declares them
from api.operation import OPERATIONS
from bot.cli import app
from bot.manifest import by_socket_mode, manifest

SCHEMA = json.loads(Path(__file__).with_name("manifest.v2.schema.json").read_text())
MADE = manifest("https://bot.example")
STEPS = manifest("https://bot.example", steps=True)
SHORTCUTS = [it.rest.shortcut for it in OPERATIONS.values() if it.rest.shortcut]


def test_the_manifest_is_valid_against_the_schema():
    jsonschema.validate(MADE, SCHEMA)


def test_reading_channels_may_be_left_out_by_whoever_installs():
    scopes = MADE["oauth_config"]["scopes"]

    assert set(scopes["bot_optional"]) < set(scopes["bot"])
    assert "im:history" not in scopes["bot_optional"]


@pytest.mark.parametrize("command", [*SHORTCUTS, "/zstack"])
def test_every_slash_command_is_described_once(command):
    [found] = [
        it for it in MADE["features"]["slash_commands"] if it["command"] == command
    ]

    assert found["url"] == "https://bot.example/slack/events"
    assert found["description"]
    assert found["usage_hint"]
    assert found["should_escape"] is False


def test_everything_of_slack_comes_to_one_address():
    interactivity = MADE["settings"]["interactivity"]

    assert interactivity["request_url"] == "https://bot.example/slack/events"
    assert interactivity["message_menu_options_url"] == interactivity["request_url"]


@pytest.mark.parametrize(
    ("words", "changes", "address"),
    [
        pytest.param(
            ["--url", "https://a.example/"], {}, "https://a.example", id="given"
        ),
        pytest.param(
            [], {"PUBLIC_URL": "https://b.example"}, "https://b.example", id="settings"
        ),
        pytest.param(
            [], {"ZSTACK_URL": None}, "https://bot.example", id="without settings"
        ),
    ],
)
def test_the_command_prints_it_for_an_address(environment, words, changes, address):
    environment(**changes)

    done = CliRunner().invoke(app, ["manifest", *words])

    assert done.exit_code == 0
    assert json.loads(done.stdout) == manifest(address)


@pytest.mark.parametrize("posted", [MADE, STEPS], ids=["plain", "steps"])
def test_by_socket_mode_it_is_valid_and_has_no_address(posted):
    made = by_socket_mode(posted)

    jsonschema.validate(made, SCHEMA)
    assert made["settings"]["socket_mode_enabled"] is True
    assert made["settings"]["interactivity"] == {"is_enabled": True}
    assert "https://" not in json.dumps(made)


@pytest.mark.parametrize(
    ("words", "changes", "connects"),
    [
        pytest.param(["--socket-mode"], {}, True, id="asked for"),
        pytest.param([], {"SLACK_APP_TOKEN": "xapp-1"}, True, id="settings"),
        pytest.param(
            ["--no-socket-mode"], {"SLACK_APP_TOKEN": "xapp-1"}, False, id="refused"
        ),
        pytest.param([], {"ZSTACK_URL": None}, False, id="without settings"),
    ],
)
def test_whether_the_bot_connects_is_asked_for_or_as_set(
    environment, words, changes, connects
):
    environment(**changes)

    done = CliRunner().invoke(app, ["manifest", *words])

    assert json.loads(done.stdout)["settings"]["socket_mode_enabled"] is connects


def test_an_address_that_is_none_is_a_sentence():
    done = CliRunner().invoke(app, ["manifest", "--url", "bot.example"])

    assert done.exit_code == 2
    assert done.stderr == (
        "bot.example is not an address, for example: https://bot.example\n"
    )


COMMANDS = [it.rest.command for it in OPERATIONS.values() if it.rest.command]


def test_the_manifest_with_steps_is_valid_against_the_schema():
    jsonschema.validate(STEPS, SCHEMA)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_operation_with_a_command_is_a_step(command):
    step = STEPS["functions"]["_".join(command.split())]

    outputs = step["output_parameters"]
    assert list(outputs["properties"]) == ["outcome", "resource_uuid", "summary"]
    assert outputs["required"] == ["outcome", "resource_uuid", "summary"]


@pytest.mark.parametrize("callback_id", STEPS["functions"])
def test_every_step_asks_for_a_person_and_describes_its_inputs(callback_id):
    inputs = STEPS["functions"][callback_id]["input_parameters"]

    assert inputs["properties"]["person"]["type"] == "slack#/types/user_id"
    assert "person" not in inputs["required"]
    assert set(inputs["required"]) <= set(inputs["properties"])
    for known in inputs["properties"].values():
        assert known["title"]
        assert known["description"]


def test_the_inputs_of_a_step_are_the_fields_of_its_operation():
    inputs = STEPS["functions"]["iso_detach"]["input_parameters"]

    assert list(inputs["properties"]) == ["vm_instance_uuid", "iso_uuid", "person"]
    assert inputs["required"] == ["vm_instance_uuid"]


def test_with_several_clouds_each_step_takes_one():
    made = manifest("https://bot.example", clouds=True)

    jsonschema.validate(made, SCHEMA)
    for step in made["functions"].values():
        inputs = step["input_parameters"]
        assert inputs["properties"]["cloud"]["type"] == "string"
        assert "cloud" not in inputs["required"]


def test_looking_takes_words():
    wanted = {name: STEPS["functions"][name] for name in ("vm_list", "vm_show")}

    inputs = {name: it["input_parameters"] for name, it in wanted.items()}
    assert list(inputs["vm_list"]["properties"]) == ["like", "with_iso", "person"]
    assert list(inputs["vm_show"]["properties"]) == ["show", "person"]
    assert (inputs["vm_list"]["required"], inputs["vm_show"]["required"]) == (
        [],
        ["show"],
    )


def test_a_choice_is_offered_as_one():
    inputs = STEPS["functions"]["vm_stop"]["input_parameters"]["properties"]

    assert inputs["type"]["enum"] == ["grace", "cold"]
    assert [it["value"] for it in inputs["type"]["choices"]] == ["grace", "cold"]


def test_slack_is_told_that_steps_run_at_the_bot():
    settings = STEPS["settings"]

    assert settings["function_runtime"] == "remote"
    assert settings["org_deploy_enabled"] is True
    assert settings["event_subscriptions"] == {
        "request_url": "https://bot.example/slack/events",
        "bot_events": ["app_mention", "function_executed"],
    }


def test_without_steps_there_are_none():
    assert "functions" not in MADE
    assert MADE["settings"]["event_subscriptions"]["bot_events"] == ["app_mention"]


def test_the_command_prints_them_when_it_is_asked(environment):
    environment()

    done = CliRunner().invoke(
        app, ["manifest", "--steps", "--url", "https://a.example"]
    )

    assert json.loads(done.stdout) == manifest("https://a.example", steps=True)


def test_with_options_it_is_valid_but_for_one_word_that_the_schema_does_not_know():
    made = manifest("https://bot.example", options=True)

    like, word = '"slack#/types/user_context"', '"slack#/types/options_select"'
    known = json.loads(json.dumps(SCHEMA).replace(like, f"{like}, {word}"))
    jsonschema.validate(made, known)
    with pytest.raises(jsonschema.ValidationError, match="options_select"):
        jsonschema.validate(made, SCHEMA)
