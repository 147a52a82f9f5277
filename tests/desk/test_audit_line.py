"""A row of the audit reads as one line, whatever people and strangers wrote in it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from desk.audit_line import LONGEST, line
from desk.chain import FIRST, Link, extend
from tests.desk.conftest import ALICE, BOB

AT = 1_700_000_000.0
NAMES = {ALICE.key: "Alice", BOB.key: "Bob"}
START = "1 · 2023-11-14 22:13:20 UTC · Alice (UALICE)"


def told(event="ended", who=ALICE, **facts):
    """A row as it would be told."""
    entry = {"event": event, "person": who.model_dump()} | facts
    return line(extend(FIRST, AT, entry), NAMES)


SHELL = ALICE.model_copy(update={"team": "shell", "user": "root"})


@pytest.mark.parametrize(
    ("row", "said"),
    [
        pytest.param(
            told("connected", account={"uuid": "u", "name": "ops"}, cloud="lab"),
            f"{START} as ops at lab · connected",
            id="a log-in",
        ),
        pytest.param(
            told(
                words="vm list",
                where={"kind": "slack", "channel": "C1"},
                outcome="failed",
            ),
            f"{START} in C1 · ended “vm list” · failed",
            id="in a channel",
        ),
        pytest.param(
            told("sent", SHELL, where={"kind": "shell", "channel": None}),
            "1 · 2023-11-14 22:13:20 UTC · root at the shell · sent",
            id="at the shell",
        ),
        pytest.param(
            told(
                resource={"uuid": "u1", "name": None},
                decision={"effect": "deny", "trace": []},
            ),
            f"{START} · ended · on u1 · deny",
            id="a VM without a name",
        ),
        pytest.param(
            told(confirmed=True, approved_by=[BOB.model_dump()], reason="disk is full"),
            f"{START} · ended · confirmed · approved by Bob (UBOB)",
            id="agreed",
        ),
        pytest.param(
            told(glass_broken=True, reason="disk is full"),
            f"{START} · ended · broke the glass: “disk is full”",
            id="break-glass",
        ),
        pytest.param(
            told(glass_broken=True),
            f"{START} · ended · broke the glass",
            id="no reason",
        ),
        pytest.param(
            told("approved", account=None), f"{START} · approved", id="a vote"
        ),
    ],
)
def test_a_line_says(row, said):
    assert row == said


def test_whom_nobody_can_name_is_told_by_the_id():
    stranger = ALICE.model_copy(update={"user": "U9"})

    assert told(who=stranger).endswith("UTC · U9 · ended")


@pytest.mark.parametrize("entry", ["no JSON}", "[]", "{}", '{"event": 1}'])
def test_what_somebody_put_there_is_told_as_such(entry):
    assert line(Link(7, float("inf"), entry, "f"), {}) == (
        "7 · nothing that this bot writes: run python -m bot audit verify"
    )


@given(words=some.text(max_size=400), name=some.text(max_size=400))
def test_nobody_can_type_a_second_line_or_a_long_one(words, name):
    said = told(words=words, resource={"name": name}, where={"channel": name})

    assert said.splitlines() == [said]
    assert len(said) <= LONGEST
    assert json.dumps(said)


def test_words_cannot_pose_as_what_the_line_says_itself():
    row = told(words="vm stop x” · approved by Bob (UBOB) · “", outcome="refused")

    assert row == (
        f'{START} · ended “vm stop x" - approved by Bob (UBOB) - "” · refused'
    )
