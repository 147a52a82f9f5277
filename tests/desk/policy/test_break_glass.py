"""Who may go ahead without the others: nobody unless the policy says so."""

import pytest
from pydantic import ValidationError

from desk.person import Person, Standing
from desk.policy import Who
from desk.policy.break_glass import BreakGlass

ALICE = Person(enterprise="", team="T0", user="UALICE")


def who(**known):
    return Who(person=ALICE, standing=Standing.MEMBER, **known)


def glass(**may):
    return BreakGlass.model_validate({"who": may, "channel": "C0SEC"})


def test_nobody_may_when_nothing_is_said():
    assert BreakGlass().objection(who()).startswith("The policy lets nobody")


@pytest.mark.parametrize(
    ("may", "objection"),
    [
        pytest.param({"users": ["UALICE"]}, None, id="named"),
        pytest.param({"users": ["UBOB"]}, "Only UBOB may", id="somebody else"),
        pytest.param({"groups": ["S1"]}, "Nobody can say", id="not known"),
    ],
)
def test_only_those_may_who_are_named_and_known(may, objection):
    said = glass(**may).objection(who(unknown={"S1": "Slack does not answer"}))

    assert said is None if objection is None else said.startswith(objection)


@pytest.mark.parametrize("half", [{"channel": "C0SEC"}, {"who": {"users": ["U1"]}}])
def test_whoever_may_is_always_told_of(half):
    with pytest.raises(ValidationError, match="needs both"):
        BreakGlass.model_validate(half)
