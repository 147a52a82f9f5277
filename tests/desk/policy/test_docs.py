"""What docs/policy.md says is so."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from api.operation import Risk
from desk.policy import Channel, Effect, Kind, decide
from desk.policy.conditions import What, When, Where
from desk.policy.file import read_policy
from desk.policy.rule import Rule, Terms
from desk.policy.subjects import Subjects
from tests.desk.policy.asking import WEB, ask, who

PAGE = (Path(__file__).parents[3] / "docs" / "policy.md").read_text()
(EXAMPLE,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
PRIVATE = Channel("C1", Kind.PRIVATE)
ON_CALL = who(on_call=frozenset({"platform"}), groups=frozenset())


@pytest.mark.parametrize(
    ("question", "effect"),
    [
        (ask(risk=Risk.READ, command="vm list", resource=None), Effect.ALLOW),
        (ask(channel=PRIVATE), Effect.DENY),
        (ask(channel=PRIVATE, who=who(groups=frozenset({"S0WEB"}))), Effect.CONFIRM),
        (ask(channel=PRIVATE, who=ON_CALL), Effect.CONFIRM),
        (ask(who=ON_CALL), Effect.DENY),
        (ask(channel=PRIVATE, who=ON_CALL, running=5), Effect.DENY),
        (ask(channel=PRIVATE, who=ON_CALL, risk=Risk.DESTROY), Effect.APPROVE),
    ],
)
def test_the_example_decides_as_it_reads(question, effect):
    assert decide(read_policy(EXAMPLE), question).effect is effect


def test_the_example_asks_the_leads_about_production():
    production = replace(WEB, tags=frozenset({"env::prod"}))

    verdict = decide(
        read_policy(EXAMPLE), ask(channel=PRIVATE, who=ON_CALL, resource=production)
    )

    assert verdict.approval.approvers == (Subjects(groups=("S0LEADS",)),)


@pytest.mark.parametrize("part", [Rule, Subjects, What, Where, When, Terms])
def test_the_page_names_everything_that_a_rule_may_say(part):
    names = {info.alias or name for name, info in part.model_fields.items()}

    assert {name for name in names if f"`{name}`" not in PAGE} <= {"shell"}
    assert "`shell: true`" in PAGE


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.UNKNOWN])
def test_the_page_names_every_kind_of_place(kind):
    assert f"`{kind}`" in PAGE
