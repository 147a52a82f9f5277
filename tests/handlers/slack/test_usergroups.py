import asyncio

import pytest

from desk.person import Person
from desk.rolls import Unanswered
from handlers.slack.questions import Questions
from handlers.slack.usergroups import UserGroups
from sandbox.slack import Fault

ALICE = Person(enterprise="", team="T0SANDBOX", user="U0ALICE")
CAROL = Person(enterprise="", team="T0SANDBOX", user="U0CAROL")


@pytest.fixture
def groups(idle):
    return UserGroups(Questions(idle.client, seconds=2))


def asked(idle):
    return sum(call.method == "usergroups.users.list" for call in idle.slack.calls)


async def test_slack_says_who_is_in_a_group(groups):
    assert await groups.has("S0OPS", ALICE)
    assert not await groups.has("S0OPS", CAROL)
    assert await groups.size("S0OPS") == 2


async def test_slack_names_everybody_in_a_group(groups):
    found = await groups.people("S0OPS", [CAROL])

    assert {it.user for it in found} == {"U0ALICE", "U0BOB"}
    assert ALICE in found


async def test_without_a_home_nobody_is_named(idle, groups):
    idle.slack.faults.add(Fault("auth.test", "refuse", 9, error="invalid_auth"))

    with pytest.raises(Unanswered, match="where the bot is installed"):
        await groups.people("S0OPS", [])


async def test_slack_is_asked_once_a_minute_by_all_at_once(idle, groups):
    await asyncio.gather(*(groups.has("S0OPS", one) for one in (ALICE, CAROL) * 5))
    await groups.has("S0OPS", ALICE)

    assert asked(idle) == 1


async def test_an_empty_group_is_an_answer_too(idle, groups):
    idle.slack.workspace.usergroups["S0NIGHT"] = []

    for _ in range(2):
        assert not await groups.has("S0NIGHT", ALICE)

    assert asked(idle) == 1


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (
            Fault("usergroups.users.list", "refuse", 9, error="missing_scope"),
            "the bot lacks the scope usergroups:read, asked who is in S0OPS",
        ),
        (
            Fault("usergroups.users.list", "refuse", 9, error="plan_upgrade_required"),
            "Slack says plan_upgrade_required, asked who is in S0OPS",
        ),
        (
            Fault("usergroups.users.list", "drop_before", 9),
            "Slack does not say who is in S0OPS",
        ),
    ],
    ids=["no scope", "another refusal", "no answer"],
)
async def test_when_slack_cannot_say_it_is_said_why(idle, groups, fault, why):
    idle.slack.faults.add(fault)

    with pytest.raises(Unanswered, match=why):
        await groups.has("S0OPS", ALICE)


async def test_a_group_that_is_not_there_is_said_to_be_missing(groups):
    with pytest.raises(
        Unanswered, match="there is no such user group, asked who is in S"
    ):
        await groups.has("S0NOWHERE", ALICE)


async def test_a_failure_is_not_remembered(idle, groups):
    idle.slack.faults.add(Fault("usergroups.users.list", "drop_before", 2))
    with pytest.raises(Unanswered):
        await groups.has("S0OPS", ALICE)

    assert await groups.has("S0OPS", ALICE)
