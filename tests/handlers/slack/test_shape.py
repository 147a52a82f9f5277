"""What Slack sends has its shape; whatever else is signed breaks nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from handlers.slack.shape import is_shaped
from tests.fuzz import routes

BODIES = {
    "command": routes.COMMAND,
    "click": routes.CLICK,
    "menu": routes.MENU,
    "suggestion": routes.SUGGESTION,
    "modal": routes.VIEW,
    "button of another program": routes.LEGACY,
    "event": routes.EVENT,
    "url verification": {"type": "url_verification", "challenge": "x"},
    "check of the certificate": {"ssl_check": "1"},
}
JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
)


@pytest.mark.parametrize("name", BODIES)
def test_it_is_as_slack_documents_it(name):
    assert is_shaped(BODIES[name])


@pytest.mark.parametrize(
    "missing", ["command", "team_id", "user_id", "channel_id", "trigger_id"]
)
def test_a_command_without_a_part_is_none(missing):
    rest = {name: it for name, it in routes.COMMAND.items() if name != missing}

    assert is_shaped(rest) is (missing == "command")


@pytest.mark.parametrize(
    ("base", "wrong"),
    [
        pytest.param("click", {"actions": []}, id="nothing pressed"),
        pytest.param("click", {"actions": {}}, id="actions are no list"),
        pytest.param("click", {"user": "U0"}, id="a user without parts"),
        pytest.param("click", {"team": []}, id="a team that is a list"),
        pytest.param("modal", {"view": {"type": "modal"}}, id="a modal without name"),
        pytest.param("event", {"event": None}, id="no event"),
        pytest.param("event", {"event": {"type": {}}}, id="an event of no type"),
        pytest.param("event", {"authorizations": 1}, id="a count of authorizations"),
        pytest.param("command", {"user_id": "U0|U1"}, id="a user who could be two"),
        pytest.param("command", {"user_id": "service key"}, id="a user of our own"),
        pytest.param("command", {"team_id": ""}, id="no team"),
        pytest.param("click", {"user": {"id": "T0|U0"}}, id="a team in a user"),
        pytest.param("click", {"team": {"id": "T0|U0"}}, id="a user in a team"),
        pytest.param(
            "click", {"enterprise": {"id": "|"}}, id="a bar for an enterprise"
        ),
    ],
)
def test_a_part_that_is_something_else_is_noticed(base, wrong):
    assert not is_shaped(BODIES[base] | wrong)


@pytest.mark.parametrize("none", ["", None])
def test_a_workspace_outside_an_enterprise_is_taken(none):
    assert is_shaped(routes.COMMAND | {"enterprise_id": none})


@given(JSON)
def test_no_json_breaks_the_look_at_it(body):
    assert is_shaped(body) in {True, False}


@given(some.sampled_from(sorted(BODIES)), some.dictionaries(some.text(), JSON), JSON)
def test_no_part_breaks_the_look_at_it(name, more, odd):
    body = BODIES[name] | more

    for part in body:
        assert is_shaped(body | {part: odd}) in {True, False}
