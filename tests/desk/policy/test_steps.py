"""What runs under the service key: only what `steps:` says, and nothing that needs people."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.operation import Risk
from desk.person import SERVICE, Standing
from desk.policy import Channel, Effect, Kind, Policy, Resource, decide
from tests.desk.policy.asking import ask, who

REBOOT = {"name": "reboots", "what": {"commands": ["vm reboot"]}}
NOBODY = who(SERVICE, Standing.SERVICE)
STEP = Channel("", Kind.WORKFLOW)


def decided(lines=(REBOOT,), rules=(), **known):
    """What is said of a step that reboots web-01."""
    policy = Policy.model_validate({"steps": {"service_key": lines}, "rules": rules})
    usual = {"who": NOBODY, "channel": STEP, "command": "vm reboot"}
    return decide(policy, ask(**(usual | known)))


def test_a_line_lets_it_run_and_is_its_confirmation():
    verdict = decided()

    assert verdict.effect is Effect.ALLOW
    assert verdict.trace == ("step “reboots”: allow",)


@pytest.mark.parametrize(
    ("known", "said"),
    [
        pytest.param(
            {"lines": ()}, "does not let a workflow run vm reboot", id="no line"
        ),
        pytest.param({"command": "vm stop"}, "does not let", id="another command"),
        pytest.param(
            {"risk": Risk.DESTROY}, "The risk destroy asks for", id="destroys"
        ),
        pytest.param(
            {"channel": Channel("C1", Kind.PUBLIC)}, "no policy here", id="not a step"
        ),
    ],
)
def test_all_else_is_denied_with_what_to_do(known, said):
    verdict = decided(**known)

    assert verdict.effect is Effect.DENY
    assert said in verdict.reason
    assert "person" in verdict.reason or "member" in verdict.reason


@pytest.mark.parametrize("effect", ["confirm", "approve", "deny"])
def test_a_rule_that_asks_for_people_or_denies_wins(effect):
    rule = {"name": "careful", "effect": effect, "where": {"names": ["web-*"]}}

    assert decided(rules=(rule,)).effect is Effect.DENY
    assert decided(rules=(rule,), resource=Resource(name="x")).effect is Effect.ALLOW


def test_a_rule_for_people_lets_no_step_run():
    everybody = {"name": "everybody", "effect": "allow"}

    assert decided(lines=(), rules=(everybody,)).effect is Effect.DENY


def test_a_person_gains_nothing_by_a_line():
    verdict = decided(who=who())

    assert verdict.effect is Effect.DENY


@given(st.sampled_from(["confirm", "approve", "deny"]), st.booleans())
def test_adding_a_rule_never_lets_more_run(effect, fits):
    names = ["web-*" if fits else "db-*"]
    rule = {"name": "more", "effect": effect, "where": {"names": names}}

    assert decided().is_allowed or not decided(rules=(rule,)).is_allowed


def test_where_is_asked_again_when_the_vm_is_known():
    line = {"name": "tests", "where": {"names": ["test-*"]}}

    early = decided(lines=(line,), resource=None, is_early=True)

    assert early.is_allowed
    assert not decided(lines=(line,)).is_allowed
