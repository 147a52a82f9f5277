"""Deny by default, an explicit deny wins, the strictest consent wins; order is nothing."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.operation import Risk
from desk.policy import (
    Approval,
    Asked,
    Channel,
    Effect,
    Kind,
    Policy,
    Resource,
    Subjects,
    decide,
    weigh,
)
from desk.policy.conditions import What, When, Where
from desk.policy.rule import Rule, Terms
from tests.desk.policy.asking import ALICE, BOB, ask, who

YES = Rule(name="yes", effect=Effect.ALLOW)


def policy(*rules, **sections):
    return Policy.model_validate({"rules": rules} | sections)


@pytest.mark.parametrize(
    ("risk", "effect"),
    [
        (Risk.READ, Effect.ALLOW),
        (Risk.CHANGE, Effect.ALLOW),
        (Risk.DISRUPT, Effect.CONFIRM),
        (Risk.DESTROY, Effect.APPROVE),
    ],
)
def test_without_a_file_each_risk_asks_for_its_consent(risk, effect):
    assert decide(Policy(), ask(risk=risk)).effect is effect


def test_without_a_file_destroying_takes_one_other_full_member():
    assert decide(Policy(), ask(risk=Risk.DESTROY)).approval == Approval(people=1)


def test_what_no_rule_allows_is_denied():
    verdict = decide(policy(), ask())

    assert verdict.effect is Effect.DENY
    assert verdict.reason == (
        "No policy rule lets you run vm stop here. Ask whoever runs this bot if it should."
    )
    assert verdict.trace == ("no rule allows it: deny",)


def test_an_explicit_deny_wins():
    no = Rule(name="no stops", effect=Effect.DENY, what=What(commands=("vm st*",)))

    verdict = decide(policy(YES, no), ask())

    assert verdict.effect is Effect.DENY
    assert "“no stops”" in verdict.reason
    assert verdict.trace == ("rule “no stops”: deny", "rule “yes”: allow")


def test_the_strictest_consent_wins():
    others = Rule(name="others", effect=Effect.APPROVE, approval=Terms(people=2))

    verdict = decide(policy(YES, others), ask(risk=Risk.CHANGE))

    assert (verdict.effect, verdict.approval.people) == (Effect.APPROVE, 2)


def test_two_approvals_are_both_satisfied_by_the_one_that_is_asked_for():
    one = Rule(
        name="one",
        effect=Effect.APPROVE,
        approval=Terms(people=2, expires=600, reason=False),
    )
    other = Rule.model_validate(
        {"name": "other", "effect": "approve", "approval": {"from": {"groups": ["S1"]}}}
    )

    verdict = decide(policy(one, other), ask())

    assert verdict.approval == Approval(
        people=2, approvers=(Subjects(groups=("S1",)),), expires=600, reason=True
    )


@pytest.mark.parametrize("effect", [Effect.CONFIRM, Effect.APPROVE])
def test_to_look_is_allowed_or_denied_and_never_asked_about(effect):
    asks = Rule(name="asks", effect=effect)
    looks = ask(risk=Risk.READ, command="vm list")

    assert decide(policy(asks), looks).effect is Effect.DENY
    assert decide(policy(asks, YES), looks).effect is Effect.ALLOW


def test_a_file_may_lower_what_a_risk_asks_for():
    mild = policy(YES, risks={"disrupt": "allow"})

    assert decide(mild, ask()).effect is Effect.ALLOW


def test_errands_need_no_rule_but_may_be_denied():
    errand = ask(operation="history", command="history", risk=Risk.READ, is_errand=True)
    no = Rule(name="no", effect=Effect.DENY, what=What(commands=("history",)))

    assert decide(policy(), errand).is_allowed
    assert not decide(policy(no), errand).is_allowed


ON_WEB = Rule(name="web", effect=Effect.ALLOW, where=Where(names=("web-*",)))
NOT_WEB = ON_WEB.model_copy(update={"name": "not web", "effect": Effect.DENY})


def test_before_the_resource_is_known_what_could_allow_it_does():
    verdict = decide(policy(ON_WEB), ask(resource=None, is_early=True))

    assert verdict.is_allowed
    assert verdict.trace[0] == "rule “web”: allow (where not known yet)"


def test_before_the_resource_is_known_what_may_deny_it_does_not_yet():
    assert decide(policy(YES, NOT_WEB), ask(resource=None, is_early=True)).is_allowed


def test_when_no_rule_could_allow_it_it_is_denied_before_the_resource_is_known():
    other = Rule(name="r", effect=Effect.ALLOW, what=What(risks=(Risk.READ,)))

    assert not decide(policy(other), ask(resource=None, is_early=True)).is_allowed


def test_what_is_about_no_resource_fits_no_rule_about_resources():
    assert not decide(policy(ON_WEB), ask(resource=None)).is_allowed
    assert decide(policy(YES, NOT_WEB), ask(resource=None)).is_allowed


def test_what_cannot_be_known_of_a_resource_counts_against_the_asker():
    bare = Resource(name="web-01")
    tagged = Rule(name="t", effect=Effect.ALLOW, where=Where(tags=("prod",)))
    untagged = tagged.model_copy(update={"effect": Effect.DENY})

    allowed, denied = (
        decide(policy(*rules), ask(resource=bare))
        for rules in ((tagged,), (YES, untagged))
    )

    assert [allowed.effect, denied.effect] == [Effect.DENY, Effect.DENY]
    assert allowed.reason.startswith("It cannot be found out whether")
    assert denied.reason.endswith("Try again in a minute.")


def test_the_order_of_groups_that_nobody_can_say_makes_no_door():
    crew = Rule(name="crew", effect=Effect.ALLOW, who=Subjects(groups=("S1",)))
    away = who(unknown={"S1": "Slack does not answer"})

    verdict = decide(policy(crew), ask(who=away))

    assert verdict.effect is Effect.DENY
    assert verdict.reason == (
        "It cannot be found out whether the policy rule “crew” is about you (Slack does "
        "not answer), so nothing was done. Try again in a minute."
    )


def test_the_weighing_tells_of_every_rule():
    ruling = weigh(policy(YES, ON_WEB), ask(resource=Resource(name="db-01")))

    assert [fit.misses for fit in ruling.fits] == [(), ("where",)]


# What the properties are tried on: few values, so that rules meet what is asked.
USERS, GROUPS, COMMANDS = ("UALICE", "UBOB"), ("S1", "S2"), ("vm stop", "vm *", "iso *")


def some_of(values):
    """Some of these, or nothing said."""
    return st.none() | st.sets(st.sampled_from(values), min_size=1).map(tuple)


subjects = st.builds(
    Subjects,
    users=some_of(USERS),
    groups=some_of(GROUPS),
    on_call=some_of(("ops",)),
    accounts=some_of(("ops", "dev*")),
    shell=st.none() | st.booleans(),
)
wheres = st.builds(
    Where,
    names=some_of(("web-*", "db-*")),
    tags=some_of(("prod",)),
    zones=some_of(("east",)),
)
terms = st.builds(
    lambda people, approvers, expires: Terms.model_validate(
        {"people": people, "from": approvers, "expires": expires}
    ),
    st.integers(1, 4),
    subjects,
    st.sampled_from((300, 900)),
)
rules = st.builds(
    lambda effect, approval, **known: Rule(
        effect=effect,
        approval=approval if effect is Effect.APPROVE else None,
        **known,
    ),
    name=st.text("abc", min_size=1, max_size=2),
    effect=st.sampled_from(Effect),
    approval=st.none() | terms,
    who=subjects,
    what=st.builds(What, commands=some_of(COMMANDS), risks=some_of(tuple(Risk))),
    where=wheres,
    when=st.builds(
        When,
        channels=some_of(("C1", "C2")),
        kinds=some_of((Kind.IM, Kind.PUBLIC)),
        over=st.none() | st.just(1),
    ),
)
resources = st.none() | st.builds(
    Resource,
    name=st.sampled_from(("web-01", "db-01")),
    tags=st.none() | st.sampled_from((frozenset(), frozenset({"prod"}))),
    zone=st.none() | st.just(frozenset({"east"})),
)
asked = st.builds(
    ask,
    who=st.builds(
        who,
        st.sampled_from((ALICE, BOB)),
        groups=st.sets(st.sampled_from(GROUPS)).map(frozenset),
        on_call=st.sets(st.just("ops")).map(frozenset),
        accounts=st.none() | st.just(frozenset({"ops"})),
        unknown=st.dictionaries(st.sampled_from((*GROUPS, "ops")), st.just("why")),
    ),
    risk=st.sampled_from(Risk),
    command=st.sampled_from(("vm stop", "iso detach")),
    channel=st.builds(
        Channel, st.sampled_from(("C1", "C2")), st.sampled_from(tuple(Kind))
    ),
    resource=resources,
    is_early=st.booleans(),
    is_errand=st.booleans(),
    running=st.integers(0, 2),
)
many = st.lists(rules, max_size=6)


@given(many, rules, asked)
def test_one_more_deny_never_allows(found, deny, question):
    deny = deny.model_copy(update={"effect": Effect.DENY, "approval": None})
    before = decide(policy(*found), question)

    after = decide(policy(*found, deny), question)

    assert before.is_allowed or not after.is_allowed


@given(st.permutations(range(6)), st.lists(rules, min_size=6, max_size=6), asked)
def test_the_order_of_rules_does_not_matter(order, found, question):
    # The file takes each name only once, and a refusal names the rule that comes nearest.
    found = [it.model_copy(update={"name": str(at)}) for at, it in enumerate(found)]
    shuffled = [found[number] for number in order]

    assert decide(policy(*found), question) == decide(policy(*shuffled), question)


@given(many, asked)
def test_an_approval_never_drops_below_what_a_rule_asks(found, question):
    ruling = weigh(policy(*found), question)
    asks = [fit.rule for fit in ruling.fits if fit.rule.effect is Effect.APPROVE]
    counted = [rule for rule in asks if rule.fit(question, ()).restrains]

    if not ruling.verdict.is_allowed or question.is_errand:
        return
    for rule in counted:
        wanted = (rule.approval or Terms()).approval
        given_ = ruling.verdict.approval
        assert given_.people >= wanted.people
        assert given_.expires <= wanted.expires
        assert set(wanted.approvers) <= set(given_.approvers)
        assert given_.reason >= wanted.reason


@given(many, asked)
def test_consent_never_drops_below_what_the_risk_asks(found, question):
    chosen = policy(*found)
    verdict = decide(chosen, question)

    least = chosen.risks.of(question.risk).effect
    assert question.is_errand or verdict.effect.strictness >= least.strictness


@given(many, asked)
def test_a_refusal_is_a_sentence_and_a_permission_is_none(found, question):
    verdict = decide(policy(*found), question)

    assert verdict.is_allowed is not bool(verdict.reason)
    assert verdict.is_allowed or verdict.reason.endswith(".")
    assert verdict.trace
    assert (verdict.approval is not None) is (verdict.effect is Effect.APPROVE)


@given(many, asked)
def test_to_know_less_of_the_asker_never_allows_more(found, question):
    """Fail closed: with the resource known, a group that cannot be asked opens nothing."""
    known: Asked = replace(question, is_early=False)
    blind = replace(
        known,
        who=replace(
            known.who,
            groups=frozenset(),
            on_call=frozenset(),
            unknown=dict.fromkeys((*GROUPS, "ops"), "why"),
        ),
    )

    if decide(policy(*found), blind).is_allowed:
        assert decide(policy(*found), known).is_allowed
