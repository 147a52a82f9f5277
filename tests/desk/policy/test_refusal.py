"""A refusal says what stood in the way and what to do."""

import pytest

from desk.policy import Channel, Effect, Kind, decide
from desk.policy.model import Policy
from tests.desk.policy.asking import ask


def refused(**rule):
    known = {"name": "r", "effect": "allow"} | rule
    policy = Policy.model_validate(
        {"rules": [known], "rotas": {"ops": {"slack_group": "S1"}}}
    )
    verdict = decide(policy, ask())
    assert verdict.effect is Effect.DENY
    return verdict.reason.removeprefix("No policy rule lets you run vm stop here. ")


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"who": {"on_call": ["ops"]}}, "Ask whoever is on call for ops: they may."),
        (
            {"who": {"users": ["U1"], "groups": ["S1"]}},
            "Ask U1 or the user group S1: they may.",
        ),
        ({"who": {"shell": True}}, "Ask people at the shell: they may."),
        ({"when": {"channels": ["C2"]}}, "The rule “r” allows it in channel C2 only."),
        (
            {"when": {"kinds": ["im", "private"]}},
            "The rule “r” allows it only in a place of this kind: im, private.",
        ),
        (
            {"when": {"hours": [{"zone": "UTC", "days": ["sun"]}]}},
            "The rule “r” allows it at other hours only.",
        ),
        ({"when": {"frozen": True}}, "The rule “r” allows it only while changes are"),
        ({"when": {"over": 3}}, "The rule “r” allows it when your other commands"),
        ({"where": {"names": ["db-*"]}}, "The rule “r” allows it on other VMs only."),
        ({"what": {"risks": ["read"]}}, "Ask whoever runs this bot if it should."),
        ({"who": {"users": ["U1"]}, "says": "Ask in #ops."}, "Ask in #ops."),
        (
            {"who": {"users": ["U1"]}, "when": {"channels": ["C2"]}},
            "Ask whoever runs this bot if it should.",
        ),
        (
            {"effect": "deny", "says": "Ask in #ops."},
            "The policy rule “r” does not let you do this here. Ask in #ops.",
        ),
        (
            {"effect": "deny"},
            "The policy rule “r” does not let you do this here. Ask whoever runs",
        ),
    ],
)
def test_what_nearly_allows_it_is_named(rule, said):
    assert refused(**rule).startswith(said)


def test_after_a_freeze_it_is_allowed_again():
    freeze = {"name": "x", "since": "2026-11-01T00:00Z", "until": "2026-12-01T00:00Z"}
    policy = Policy.model_validate(
        {
            "freezes": [freeze],
            "rules": [{"name": "r", "effect": "allow", "when": {"frozen": False}}],
        }
    )

    assert decide(policy, ask()).reason.endswith("allows it after the change freeze.")


def test_while_slack_cannot_tell_the_kind_of_a_channel_it_says_so():
    rule = {"name": "r", "effect": "allow", "when": {"kinds": ["private"]}}
    nowhere = ask(channel=Channel("C1", Kind.UNKNOWN))

    reason = decide(Policy.model_validate({"rules": [rule]}), nowhere).reason

    assert reason == (
        "It cannot be found out whether the policy rule “r” is about this channel, so "
        "nothing was done. Try again in a minute."
    )
