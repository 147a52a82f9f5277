"""The manifest: valid against Slack's schema, and complete."""

import json
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

import api.operations  # noqa: F401  # declares them
from api.operation import OPERATIONS
from bot.cli import app
from bot.manifest import manifest

SCHEMA = json.loads(Path(__file__).with_name("manifest.v2.schema.json").read_text())
MADE = manifest("https://bot.example")
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


def test_an_address_that_is_none_is_a_sentence():
    done = CliRunner().invoke(app, ["manifest", "--url", "bot.example"])

    assert done.exit_code == 2
    assert done.stderr == (
        "bot.example is not an address, for example: https://bot.example\n"
    )
