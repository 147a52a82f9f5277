"""The policy in the life of a command: before and after its VM is known, and at a click."""

from dataclasses import replace

import pytest

from desk.notice import Outcome
from desk.person import Standing
from desk.policy import Effect, Kind, Policy
from desk.policy.file import read_policy
from desk.rolls import Unanswered
from tests.desk.conftest import ALICE, BOB, PLACE

ALL = "rules:\n  - {name: all, effect: allow}\n"


@pytest.fixture
def rules(bench):
    """Put rules, or sections, in the place of the built-in policy."""

    def put(text):
        bench.people.policy = read_policy(text)

    return put


async def stop(bench, vm="web-01", **known):
    row = await bench.accept("StopVmInstance", uuid=vm, **known)
    return await bench.settle(row)


def said(bench):
    return bench.told.last.lines[0]


async def test_a_verdict_is_remembered_with_its_trace(bench):
    row = await stop(bench)

    assert row.memo.verdict.effect is Effect.CONFIRM
    assert row.memo.verdict.trace == (
        "rule “every full member”: allow",
        "risk disrupt: confirm",
        "so: confirm",
    )


async def test_what_nothing_allows_is_refused_before_zstack_is_asked(bench, rules):
    rules("rules: []")

    row = await stop(bench)

    assert (row.outcome, row.resource_uuid) == (Outcome.REFUSED, None)
    assert said(bench).startswith("No policy rule lets you run vm stop here.")
    assert row.memo.verdict.effect is Effect.DENY


@pytest.mark.parametrize(
    ("where", "vm", "step"),
    [
        ("names: [web-*]", "web-01", "done.1"),
        ("names: [web-*]", "db-01", "ask.1"),
        ("zones: [east]", "web-01", "done.1"),
        ("zones: [west]", "web-01", "ask.1"),
        ("clusters: [east-*]", "web-01", "done.1"),
        ("clusters: [nowhere]", "web-01", "ask.1"),
        ("tags: ['pr?d*']", "web-01", "done.1"),
        ("tags: [production]", "web-01", "ask.1"),
        ("tags: ['iso::*']", "web-01", "done.1"),
        ("tags: ['100%']", "web-01", "ask.1"),
    ],
)
async def test_a_deny_about_a_vm_holds_once_it_is_known(bench, rules, where, vm, step):
    bench.node.world.vm("web-01").user_tags = ["prod:1", "1000"]
    rules(f"{ALL}  - {{name: hands off, effect: deny, where: {{{where}}}}}")

    row = await stop(bench, vm)

    assert row.step == step
    assert bench.node.log.actions() == []
    if step == "done.1":
        assert "The policy rule “hands off” does not let you" in said(bench)
        assert row.memo.verdict.trace[0] == "rule “hands off”: deny"


async def test_what_zstack_does_not_tell_of_a_vm_counts_as_denied(bench, rules):
    bench.node.faults.add("error", "QueryCluster")
    rules(f"{ALL}  - {{name: no, effect: deny, where: {{clusters: [x]}}}}")

    row = await stop(bench)

    assert row.outcome is Outcome.REFUSED
    assert "is about the VM, so nothing was done" in said(bench)


async def test_to_look_is_allowed_vm_by_vm(bench, rules):
    rules("rules: [{name: web, effect: allow, where: {names: [web-*]}}]")

    rows = [
        await bench.settle(await bench.accept("QueryVmInstance", key=vm, show=vm))
        for vm in ("web-01", "db-01")
    ]

    assert [row.outcome for row in rows] == [Outcome.SUCCEEDED, Outcome.REFUSED]
    listed = await bench.settle(await bench.accept("QueryVmInstance", key="list"))
    assert listed.outcome is Outcome.REFUSED


async def test_the_last_verdict_is_kept_of_a_look_and_of_an_errand_too(bench, rules):
    rules("rules: [{name: web, effect: allow, where: {names: [web-*]}}]")

    look = await bench.settle(await bench.accept("QueryVmInstance", show="web-01"))
    errand = await bench.settle(await bench.accept("whoami", key="k2"))

    assert look.memo.verdict.trace[0] == "rule “web”: allow"
    assert errand.memo.verdict.trace == ("about the bot itself: allow",)


async def test_it_is_decided_again_at_the_click(story, bench, rules):
    row = await stop(bench)
    rules("rules: []")

    row = await story.answered(row, "Stop it")

    assert row.outcome is Outcome.REFUSED
    assert story.changes() == 0


async def test_of_two_policies_that_both_deny_none_opens_between_them(bench):
    old, new = (
        read_policy(f"{ALL}  - {{name: no, effect: deny, who: {whom}}}")
        for whom in ("{groups: [S1]}", "{users: [UALICE]}")
    )
    bench.people.lists = {"S1": {"UALICE"}}
    in_turn = iter([old])
    bench.desk = replace(bench.desk, policy=lambda: next(in_turn, new))

    row = await bench.settle(await bench.accept("QueryVmInstance"))

    assert row.outcome is Outcome.REFUSED


async def test_a_rule_may_ask_first_what_needs_no_question_by_itself(bench, rules):
    rules("rules: [{name: ask, effect: confirm}]")

    row = await bench.settle(await bench.accept("StartVmInstance", uuid="batch-01"))

    assert (row.step, bench.told.last.title) == ("ask.1", "Start batch-01?")


async def test_where_no_reason_is_asked_for_the_card_says_so(bench, rules):
    rules("rules: [{name: two, effect: approve, approval: {reason: false}}]")

    row = await stop(bench)

    assert row.step == "approve.1"
    assert "Why: the policy asks for no reason" in bench.told.last.lines


async def test_a_risk_may_be_run_without_a_question(story, bench, rules):
    rules("risks: {disrupt: allow}")

    row = await stop(bench)

    assert (row.outcome, story.changes()) == (Outcome.SUCCEEDED, 1)


async def test_groups_and_rotas_are_asked_of_their_keepers(bench, rules):
    bench.people.lists = {"S1": {"UALICE"}, "S2": set()}
    rules(
        "rotas: {ops: {slack_group: S1}}\n"
        "rules:\n"
        "  - {name: on call, effect: allow, who: {on_call: [ops]}}\n"
        "  - {name: crew, effect: deny, who: {groups: [S2]}}"
    )

    assert (await stop(bench)).step == "ask.1"
    bench.people.lists["S1"] = set()
    refused = await stop(bench, key="k2")

    assert refused.outcome is Outcome.REFUSED
    assert said(bench).endswith("Ask whoever is on call for ops: they may.")


@pytest.mark.parametrize(
    ("rota", "why"),
    [
        ("slack_group: S1", "Slack does not answer"),
        (
            "pagerduty_schedule: P1",
            "PagerDuty is not set up: PAGERDUTY_TOKEN is missing",
        ),
    ],
)
async def test_a_keeper_that_cannot_say_opens_nothing(bench, rules, rota, why):
    bench.people.lists["S1"] = Unanswered("Slack does not answer")
    rules(
        f"rotas: {{ops: {{{rota}}}}}\n"
        "rules: [{name: r, effect: allow, who: {on_call: [ops]}}]"
    )

    row = await bench.settle(await bench.accept("QueryVmInstance"))

    assert row.outcome is Outcome.REFUSED
    assert said(bench).startswith("It cannot be found out whether the policy rule “r”")
    assert f"({why})" in said(bench)


async def test_nobody_asks_a_keeper_about_a_guest(bench, rules):
    bench.people.standings["UALICE"] = Standing.GUEST
    bench.people.lists["S1"] = AssertionError("nobody is to ask")
    rules("rules: [{name: r, effect: allow, who: {groups: [S1]}}]")

    row = await stop(bench)

    assert said(bench).startswith("Guests of this workspace")
    assert row.outcome is Outcome.REFUSED


@pytest.mark.parametrize(
    ("account", "allowed"), [("op*", True), ("admin", False)], ids=["ours", "another"]
)
async def test_a_rule_may_be_about_the_zstack_account(bench, rules, account, allowed):
    rules(f"rules: [{{name: r, effect: allow, who: {{accounts: ['{account}']}}}}]")

    row = await stop(bench)

    assert (row.outcome is not Outcome.REFUSED) is allowed


async def test_before_the_log_in_the_account_is_not_known_and_asked_for(
    story, bench, rules
):
    rules("rules: [{name: r, effect: allow, who: {accounts: [ops]}}]")
    row = await bench.accept("StopVmInstance", uuid="web-01", person=BOB)

    row = await bench.settle(row)

    assert row.step == "login.1"
    await story.connect("admin")
    assert (await bench.settle(row)).outcome is Outcome.REFUSED


async def test_the_kind_of_the_channel_is_asked_only_when_a_rule_wants_it(bench, rules):
    bench.people.kinds[PLACE["channel"]] = Kind.SHARED
    rules("rules: [{name: r, effect: allow, when: {kinds: [private]}}]")

    await stop(bench)

    assert "only in a place of this kind: private" in said(bench)


async def test_a_freeze_ends_by_itself(bench, rules):
    rules(
        "freezes: [{name: f, since: 2023-11-01T00:00Z, until: 2023-11-15T00:00Z}]\n"
        f"{ALL}  - {{name: frozen, effect: deny, what: {{risks: [disrupt]}}, "
        "when: {frozen: true}}"
    )

    during = await stop(bench)
    bench.clock.now += 86_400 * 2
    await bench.log_in()
    after = await stop(bench, key="k2")

    assert (during.outcome, after.step) == (Outcome.REFUSED, "ask.1")


async def test_one_too_many_at_once_is_refused_and_the_first_goes_on(bench, rules):
    rules(f"{ALL}  - {{name: two, effect: deny, when: {{over: 2}}}}")
    rows = []
    for number, vm in enumerate(("web-01", "db-01", "web-02")):
        bench.clock.now += 1
        rows.append(await stop(bench, vm, key=f"k{number}"))

    assert [row.step for row in rows] == ["ask.1", "ask.1", "done.1"]
    bob = await stop(bench, "db-01", key="bob", person=BOB)
    assert bob.step == "login.1"


async def test_a_batch_counts_as_one_command(story, bench, rules):
    rules(f"{ALL}  - {{name: one, effect: deny, when: {{over: 1}}}}")
    row = await bench.detach("db-01")

    row = await story.answered(row, "All 2")

    assert row.outcome is Outcome.SUCCEEDED


async def test_an_invited_workspace_is_let_in(bench, rules):
    bench.people.standings["UALICE"] = Standing.VISITOR
    rules("people: {workspaces: [T0]}")

    assert (await stop(bench)).step == "ask.1"
    bench.people.policy = Policy()
    assert (await stop(bench, key="k2")).outcome is Outcome.REFUSED
    assert ALICE.team == "T0"
