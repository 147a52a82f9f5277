"""Names for Workflow Builder: what the bot's own key sees, where the policy lets it."""

import time

import pytest

from bot.manifest import manifest
from desk.policy import Policy
from handlers.slack.options import options
from sandbox.slack import Fault
from sandbox.slack.steps import complaints
from tests.handlers.conftest import assembled

LOOK = {"name": "look", "what": {"commands": ["vm list"]}}


@pytest.fixture
def lines():
    """What the policy lets run under the service key."""
    return [LOOK]


@pytest.fixture
async def offering(slack, node, database_url, lines):
    """A bot with a key of its own, and an app that asks it for names."""
    slack.install(manifest("https://bot.example", options=True))
    policy = Policy.model_validate({"steps": {"service_key": lines}})
    key = "ops-key:ops-key-secret"
    made = assembled(slack, node, database_url, service_key=key, policy=policy)
    async with made as bot:
        yield bot


async def test_vms_are_offered_by_name(offering):
    found = await offering.slack.suggestions("iso_detach", "vm_instance_uuid", "web-0")

    assert found[0] == ("As typed: web-0", "web-0")
    assert ("web-01", "web-01") in found
    assert all("web-0" in text.casefold() for text, _ in found)


async def test_isos_are_offered_by_name(offering):
    found = await offering.slack.suggestions("iso_attach", "iso_uuid", "ubuntu")

    assert ("ubuntu-24.04.iso", "ubuntu-24.04.iso") in found


async def test_before_anything_is_typed_the_first_names_are_shown(offering):
    found = await offering.slack.suggestions("iso_detach", "iso_uuid")

    assert found
    assert not [text for text, _ in found if text.startswith("As typed")]


async def test_vms_of_the_same_name_are_told_apart(offering):
    found = await offering.slack.suggestions("vm_show", "show", "twin")

    twins = [(text, value) for text, value in found if text.startswith("twin ")]
    assert len({value for _, value in twins}) == 2
    assert all(text == f"twin {value}" for text, value in twins)


async def test_a_name_that_is_typed_in_full_is_not_offered_twice(offering):
    found = await offering.slack.suggestions("vm_show", "show", "web-01")

    assert [value for _, value in found].count("web-01") == 1


async def test_it_leaves_no_row(offering):
    await offering.slack.suggestions("vm_show", "show", "web")

    assert await offering.rows() == []


class TestWithoutThePolicy:
    @pytest.fixture
    def lines(self):
        return []

    async def test_only_what_was_typed_is_offered(self, offering):
        found = await offering.slack.suggestions("vm_show", "show", "web-0")

        assert found == [("As typed: web-0", "web-0")]
        assert offering.node.log.executed == []


async def test_when_zstack_is_slow_what_was_typed_is_offered_in_time(offering, node):
    node.faults.add("slow", "QueryVmInstance", seconds=9)
    began = time.monotonic()

    found = await offering.slack.suggestions("vm_show", "show", "web-0")

    assert found == [("As typed: web-0", "web-0")]
    assert time.monotonic() - began < 2.5


async def test_what_is_no_name_is_not_looked_for(offering):
    found = await offering.slack.suggestions("vm_show", "show", "<@U0ALICE>")

    assert found == [("As typed: <@U0ALICE>", "<@U0ALICE>")]


async def test_when_slack_does_not_listen_the_event_is_acknowledged(offering):
    offering.slack.faults.add(Fault("functions.completeSuccess", "server_error"))

    assert await offering.slack.suggestions("vm_show", "show", "web") == []


def test_words_longer_than_a_value_are_left_out():
    assert options("x" * 151, ()) == []


def test_every_vm_and_iso_of_a_step_can_be_chosen():
    made = manifest("https://bot.example", options=True)["functions"]

    for function in made.values():
        for name, known in function["input_parameters"]["properties"].items():
            names_one = name.endswith(("uuid", "show")) and known["title"] in {
                "VM",
                "ISO",
            }
            asked = known.get("dynamic_options", {"inputs": {}})
            assert bool(asked["inputs"]) is names_one
            if names_one:
                takes = made[asked["function"].removeprefix("#/functions/")]
                assert complaints(takes["input_parameters"], {"query": ""}) == []
