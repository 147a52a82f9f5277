"""The policy file: every fault with its line and column, and never a guess."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from desk.policy import Effect, Policy, decide
from desk.policy.file import PolicyFault, read_policy
from desk.policy.tree import read_tree
from tests.desk.policy.asking import ask

WHOLE = """\
people:
  workspaces: [T0PARTNER]
rotas:
  ops: {slack_group: S1}
  night: {pagerduty_schedule: P1}
freezes:
  - {name: year end, since: 2026-12-20T00:00+08:00, until: 2027-01-04 00:00+08:00}
risks:
  disrupt: allow
  destroy: {effect: approve, approval: {people: 2, from: {on_call: [night]}}}
rules:
  - name: on call
    effect: allow
    who: {on_call: [ops], accounts: [admin], shell: yes}
    what: {commands: ["vm *"], operations: [StopVm*], risks: [disrupt]}
    where: {names: [web-*], tags: [prod], zones: [east], clusters: [c1], clouds: [main]}
    when:
      channels: [C1]
      kinds: [private]
      hours: [{zone: Asia/Shanghai, days: [mon], after: 9:00, before: "18:00"}]
      frozen: no
      up_to: 3
    says: Ask in #ops.
"""


def faults(text):
    with pytest.raises(PolicyFault) as caught:
        read_policy(text)
    return str(caught.value).splitlines()


def test_a_whole_file_is_read():
    policy = read_policy(WHOLE)

    (rule,) = policy.rules
    assert (rule.effect, rule.who.shell, rule.when.frozen) == (
        Effect.ALLOW,
        True,
        False,
    )
    assert policy.risks.destroy.approval.people == 2
    assert policy.on_call == {"ops", "night"}


def test_a_file_without_rules_keeps_the_default_ones():
    assert read_policy("people: {workspaces: [T2]}").rules == Policy().rules


def test_a_file_with_no_rule_allows_nothing():
    assert not decide(read_policy("rules: []"), ask()).is_allowed


RULE = "rules:\n  - name: r\n    effect: allow\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            "",
            "line 1, column 1: is empty; take the file away for the default",
            id="empty",
        ),
        pytest.param(
            "# a comment\n", "line 1, column 1: is empty; take the file", id="a comment"
        ),
        pytest.param("rules: [", "line 1, column 9: is not YAML: exp", id="syntax"),
        pytest.param(
            "a: \x00",
            "line 1, column 4: is not YAML: the character U+0000",
            id="a strange sign",
        ),
        pytest.param(
            "[a]", "line 1, column 1: “the file” has to be a mapping", id="a list"
        ),
        pytest.param(
            "rules: []\nrule: []",
            "line 2, column 1: “rule” is not known here; there is alerts, ",
            id="a section that is not known",
        ),
        pytest.param(
            "rotas:\n  a: {slack: S1}",
            "line 2, column 7: “slack” is not known here; there is pagerduty_schedule, s",
            id="a name within a name",
        ),
        pytest.param(
            "rotas: {a: {slack_group: S1, pagerduty_schedule: P1}}",
            "line 1, column 9: “a”: is one of slack_group and pagerduty_schedule",
            id="a rota of two keepers",
        ),
        pytest.param(
            "alerts:\n  routes:\n    - {channel: C1, cloud: moon}",
            "line 3, column 21: there is no cloud “moon” under “clouds”; there is none",
            id="a cloud of a route, where there is one only",
        ),
        pytest.param(
            "clouds: {lab: {url: 'http://lab'}}\n"
            "alerts: {routes: [{channel: C1, cloud: lab}, {channel: C1, cloud: moon}]}",
            "line 2, column 60: there is no cloud “moon” under “clouds”; there is default,",
            id="a cloud of a route, where there are others",
        ),
        pytest.param(
            "rules:\n  - effect: deny\n    name: x\n    effect: allow",
            "line 4, column 5: “effect” stands here twice",
            id="twice",
        ),
        pytest.param(
            "rules:\nrisks: {}",
            "line 1, column 7: says nothing; fill it in",
            id="nothing",
        ),
        pytest.param(
            "a: &x [1]\nb: *x", "line 2, column 4: aliases are not read", id="an alias"
        ),
        pytest.param(
            "? [a]\n: b", "line 1, column 3: a name has to be", id="a list as name"
        ),
        pytest.param("[" * 30, "line 1, column 21: is nested more than 20", id="deep"),
        pytest.param(
            "#" * (1 << 20) + "\n", "line 1, column 1: is larger than", id="too large"
        ),
        pytest.param(
            "rules:\n  - name: r", "line 2, column 5: “effect” is missing", id="missing"
        ),
        pytest.param(
            f"{RULE}    approval: {{people: 2}}",
            "line 2, column 5: “approval” belongs to a rule whose effect is approve",
            id="an approval that nothing asks for",
        ),
        pytest.param(
            f"{RULE}    who: {{users: U1}}",
            "line 4, column 11: “users” has to be a list, for example [one, two]",
            id="a word for a list",
        ),
        pytest.param(
            f"{RULE}    who: {{users: []}}",
            "line 4, column 11: “users” is an empty list",
            id="an empty list",
        ),
        pytest.param(
            f"{RULE}    who: {{users: [alice]}}",
            "line 4, column 19: “alice” is not a user, for example U1, T2/U1 or shell/root",
            id="a name for a user",
        ),
        pytest.param(
            f"{RULE}    when: {{channels: ['#ops']}}",
            "line 4, column 23: “#ops” is not the id of a channel, as C012ABC",
            id="a name for a channel",
        ),
        pytest.param(
            "people: {workspaces: [acme]}",
            "line 1, column 23: “acme” is not the id of a workspace, as T012ABC",
            id="a name for a workspace",
        ),
        pytest.param(
            "rotas: {S1: {slack_group: S2}}",
            "line 1, column 9: “S1” is not a name in small letters, as platform",
            id="a rota called like a group",
        ),
        pytest.param(
            "rotas: {ops: {slack_group: on-call}}",
            "line 1, column 15: “on-call” is not the id of a user group, as S012ABC",
            id="a name for a user group",
        ),
        pytest.param(
            f"{RULE}    who: {{on_call: [x]}}",
            "line 4, column 21: there is no rota “x” under “rotas”; there is none",
            id="no such rota",
        ),
        pytest.param(
            f"{RULE}    what: {{commands: [vm stpo]}}",
            "line 4, column 23: “vm stpo” fits nothing that can be asked for; did you "
            "mean “vm stop”?",
            id="a slip",
        ),
        pytest.param(
            f"{RULE}    what: {{operations: [zzz]}}",
            "line 4, column 25: “zzz” fits nothing that can be asked for",
            id="no such operation",
        ),
        pytest.param(
            f"{RULE}  - name: r\n    effect: deny",
            "line 2, column 5: another rule is called “r” too",
            id="the same name",
        ),
        pytest.param(
            f"{RULE}    when: {{hours: [{{zone: Mars}}]}}",
            "line 4, column 21: “zone”: is not the name of a time zone",
            id="no such zone",
        ),
        pytest.param(
            f"{RULE}    when: {{hours: [{{zone: UTC, after: 900}}]}}",
            "line 4, column 32: “after”: is not written like 09:00",
            id="a number for a time",
        ),
        pytest.param(
            f"{RULE}    when: {{hours: [{{zone: UTC, after: 9:00, before: 09:00}}]}}",
            "line 4, column 20: “hours”: ends when it begins",
            id="no time at all",
        ),
        pytest.param(
            "freezes: [{name: x, since: 2026-12-20T00:00, until: 2027}]",
            "line 1, column 21: “since” needs a zone",
            id="a moment without a zone",
        ),
        pytest.param(
            "freezes: [{name: x, since: 2026-12-20T00:00Z, until: 2026-12-19T00:00Z}]",
            "line 1, column 11: “freezes”: ends before it begins",
            id="a freeze that never is",
        ),
    ],
)
def test_a_fault_is_told_with_its_place(text, said):
    assert faults(text)[0].startswith(said)


def test_an_approval_from_a_rota_that_is_not_there_is_a_fault():
    text = (
        "rules: [{name: r, effect: approve, approval: {from: {on_call: [x]}}}]\n"
        "risks: {destroy: {effect: approve, approval: {from: {on_call: [y]}}}}"
    )

    assert [line[:26] for line in faults(text)] == [
        "line 1, column 64: there i",
        "line 2, column 64: there i",
    ]


def test_a_slip_in_what_steps_may_do_is_a_fault_too():
    text = "steps: {service_key: [{name: s, what: {commands: [vm stpo]}}]}"

    assert faults(text)[0].startswith("line 1, column 51: “vm stpo” fits nothing")


def test_what_steps_are_about_is_asked_for_too():
    text = "steps: {service_key: [{name: s, where: {clusters: [c], tags: [t]}}]}"

    policy = read_policy(text)

    assert (policy.asks_clusters, policy.tags) == (True, {"t"})


@pytest.mark.parametrize("word", ["history", "approvals", "silence", "vm show", "vm *"])
def test_a_rule_may_be_about_anything_that_can_be_said(word):
    text = f"rules: [{{name: r, effect: deny, what: {{commands: ['{word}']}}}}]"

    assert read_policy(text).rules[0].what.commands == (word,)


def test_all_faults_are_told_at_once():
    assert len(faults("x: a\ny: b\nrules: [{name: r}]")) == 3


written = st.recursive(
    st.text("abc1:-[]{}&*!#'\"\n ", max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from((*Policy.model_fields, "x")), inner, max_size=3
        )
    ),
    max_leaves=12,
)


@given(st.text() | written.map(lambda value: yaml.safe_dump(value, allow_unicode=True)))
def test_whatever_the_file_holds_it_is_read_or_its_faults_are_told(text):
    found = read_or_faults(text)

    lines = text.count("\n") + 2
    assert isinstance(found, Policy) or found
    for fault in () if isinstance(found, Policy) else found:
        assert 0 < fault.line <= lines
        assert fault.column > 0


def read_or_faults(text):
    try:
        return read_policy(text)
    except PolicyFault as fault:
        return fault.faults


def test_consent_for_a_risk_asks_nobody_unless_it_is_an_approval():
    text = "risks: {disrupt: {effect: confirm, approval: {people: 2}}}"

    assert faults(text) == [
        "line 1, column 9: “approval” belongs to the effect approve"
    ]


def test_what_a_policy_needs_to_know_is_what_its_rules_ask():
    asks = read_policy(WHOLE)

    assert (asks.asks_kinds, asks.asks_how_many, asks.groups) == (True, True, set())
    assert not Policy().asks_kinds
    assert not Policy().asks_how_many


@given(written)
def test_every_scalar_stays_the_text_that_was_written(value):
    tree = read_tree(yaml.safe_dump(value, default_style='"'))

    assert tree.value == value
    assert not tree.faults
