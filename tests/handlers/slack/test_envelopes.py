"""Frames of Socket Mode: read whatever comes, acknowledge by its id."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_bolt import BoltResponse

from handlers.slack.envelopes import Disconnect, Envelope, Hello, acknowledgement, read

COMMAND = Envelope("e1", "slash_commands", {"command": "/zstack"}, takes_payload=True)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
FRAMES = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["hello", "disconnect", "events_api"]) | JSON,
        "reason": JSON,
        "envelope_id": JSON,
        "payload": JSON,
        "retry_attempt": JSON,
    },
)


def test_a_frame_that_is_nested_too_deeply_is_none():
    assert read("[" * 100_000) is None


@pytest.mark.parametrize(
    ("frame", "meaning"),
    [
        pytest.param({"type": "hello", "num_connections": 1}, Hello(), id="hello"),
        pytest.param(
            {"type": "disconnect", "reason": "warning"}, Disconnect("warning"), id="end"
        ),
        pytest.param({"type": "disconnect"}, Disconnect("unknown"), id="no reason"),
        pytest.param(
            {
                "type": "slash_commands",
                "envelope_id": "e1",
                "accepts_response_payload": True,
                "payload": {"command": "/zstack"},
            },
            COMMAND,
            id="command",
        ),
        pytest.param(
            {
                "type": "events_api",
                "envelope_id": "e2",
                "payload": {},
                "retry_attempt": 2,
                "retry_reason": "timeout",
            },
            Envelope("e2", "events_api", {}, attempt=2, reason="timeout"),
            id="again",
        ),
        pytest.param({"type": "new", "envelope_id": "e3"}, None, id="no payload"),
        pytest.param({"type": "new", "payload": {}}, None, id="no id"),
        pytest.param([], None, id="no object"),
    ],
)
def test_a_frame_is_read(frame, meaning):
    assert read(json.dumps(frame)) == meaning


@given(st.text() | FRAMES.map(json.dumps) | JSON.map(json.dumps))
def test_whatever_comes_is_a_frame_or_nothing(text):
    assert isinstance(read(text), Hello | Disconnect | Envelope | None)


def test_a_repeated_delivery_says_so_as_a_posted_one_does():
    again = Envelope("e2", "events_api", {}, attempt=2, reason="timeout")

    assert COMMAND.headers == {}
    assert again.headers == {
        "x-slack-retry-num": "2",
        "x-slack-retry-reason": "timeout",
    }


@pytest.mark.parametrize(
    ("answer", "payload"),
    [
        pytest.param(BoltResponse(status=200), None, id="nothing"),
        pytest.param(
            BoltResponse(status=200, body={"text": "x"}), {"text": "x"}, id="JSON"
        ),
        pytest.param(BoltResponse(status=200, body="x"), {"text": "x"}, id="words"),
    ],
)
def test_the_answer_goes_into_the_acknowledgement(answer, payload):
    said = json.loads(acknowledgement(COMMAND, answer))

    assert said == {"envelope_id": "e1"} | ({"payload": payload} if payload else {})


def test_an_envelope_that_takes_no_payload_gets_none():
    event = Envelope("e2", "events_api", {})

    said = acknowledgement(event, BoltResponse(status=200, body="x"))

    assert json.loads(said) == {"envelope_id": "e2"}


@pytest.mark.parametrize("status", [400, 404, 500, 503])
def test_what_was_not_taken_is_not_acknowledged(status):
    assert acknowledgement(COMMAND, BoltResponse(status=status)) is None
