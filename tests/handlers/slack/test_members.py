import asyncio
import json

import pytest

from desk.person import SERVICE, SHELL, Person, Standing
from desk.policy import Kind
from handlers.slack.members import Members, standing_of
from handlers.slack.questions import Questions
from sandbox.slack import Fault


@pytest.fixture
def person(idle):
    def find(name, **changes):
        found = idle.slack.workspace.person(name)
        known = {"enterprise": "", "team": found.team, "user": found.id}
        return Person(**(known | changes))

    return find


@pytest.fixture
def asked(idle):
    """How often Slack was asked for one thing."""
    return lambda method: sum(call.method == method for call in idle.slack.calls)


STANDINGS = {
    "alice": Standing.MEMBER,
    "bob": Standing.MEMBER,
    "guest": Standing.GUEST,
    "ultra": Standing.GUEST,
    "stranger": Standing.STRANGER,
    "gone": Standing.DELETED,
    "robot": Standing.BOT,
}


async def test_slack_says_what_somebody_is(idle, person):
    found = {name: await idle.members.standing(person(name)) for name in STANDINGS}

    assert found == STANDINGS


async def test_a_stranger_who_says_to_be_of_our_team_stays_one(idle, person):
    stranger = person("stranger", team="T0SANDBOX")

    assert await idle.members.standing(stranger) is Standing.STRANGER


async def test_whom_slack_does_not_know_is_a_stranger(idle, person):
    unknown = person("alice", user="U0NOBODY")

    assert await idle.members.standing(unknown) is Standing.STRANGER


async def test_whoever_is_at_the_shell_is_a_member_of_this_machine(idle, person):
    operator = person("alice", team=SHELL, user="root")

    assert await idle.members.standing(operator) is Standing.MEMBER
    assert await idle.members.names(operator) == ("root", "this machine")
    assert not idle.slack.calls


async def test_the_bots_own_key_is_nobody(idle):
    assert await idle.members.standing(SERVICE) is Standing.SERVICE
    assert await idle.members.names(SERVICE) == ("service key", "this bot")
    assert not idle.slack.calls


@pytest.mark.parametrize(
    ("user", "standing"),
    [
        pytest.param({"is_workflow_bot": True}, Standing.BOT, id="workflow"),
        pytest.param({"id": "USLACKBOT"}, Standing.BOT, id="Slackbot"),
        pytest.param({"is_stranger": True}, Standing.STRANGER, id="stranger"),
        pytest.param({"team_id": "T2"}, Standing.STRANGER, id="another team"),
        pytest.param({"is_restricted": True}, Standing.GUEST, id="guest"),
        pytest.param(
            {"deleted": True, "is_bot": True}, Standing.DELETED, id="deleted bot"
        ),
        pytest.param({}, Standing.MEMBER, id="nothing against them"),
    ],
)
def test_the_least_trusted_word_counts(user, standing):
    assert standing_of(user, home="T1", team="T1") is standing


@pytest.mark.parametrize(
    ("user", "standing"),
    [
        pytest.param({"team_id": "T2"}, Standing.VISITOR, id="full member"),
        pytest.param(
            {"team_id": "T2", "is_restricted": True}, Standing.GUEST, id="guest there"
        ),
        pytest.param(
            {"team_id": "T2", "is_stranger": True}, Standing.STRANGER, id="no channel"
        ),
        pytest.param({"team_id": "T3"}, Standing.STRANGER, id="of a third one"),
        pytest.param({"team_id": "T1"}, Standing.STRANGER, id="ours, says Slack"),
        pytest.param({}, Standing.STRANGER, id="of nobody knows which"),
    ],
)
def test_somebody_of_another_workspace_is_a_visitor_when_slack_says_so_too(
    user, standing
):
    assert standing_of(user, home="T1", team="T2") is standing


async def test_slack_is_asked_once_a_minute(idle, person, asked):
    for _ in range(3):
        await idle.members.standing(person("alice"))

    assert (asked("auth.test"), asked("users.info")) == (1, 1)


async def test_many_at_once_share_one_question(idle, person, asked):
    several = [person("alice")] * 10 + [person("bob")] * 10

    found = await asyncio.gather(*map(idle.members.standing, several))

    assert set(found) == {Standing.MEMBER}
    assert (asked("auth.test"), asked("users.info")) == (1, 2)


async def test_a_slow_answer_about_one_keeps_nobody_else_waiting(idle, person, held):
    arrived, go = held("/api/users.info")
    slow = asyncio.create_task(idle.members.standing(person("alice")))
    await arrived.wait()

    assert await idle.members.standing(person("bob")) is Standing.MEMBER
    assert not slow.done()
    go.set()
    assert await slow is Standing.MEMBER


async def test_who_gives_up_takes_the_answer_from_nobody(idle, person, held):
    arrived, go = held("/api/auth.test")
    first = asyncio.create_task(idle.members.standing(person("alice")))
    second = asyncio.create_task(idle.members.standing(person("alice")))
    await arrived.wait()
    first.cancel()
    go.set()

    assert await second is Standing.MEMBER


@pytest.mark.parametrize("kind", ["server_error", "drop_before", "rate_limited"])
async def test_a_passing_fault_is_asked_again(idle, person, kind):
    idle.slack.faults.add(Fault("users.info", kind))

    assert await idle.members.standing(person("alice")) is Standing.MEMBER


@pytest.mark.parametrize(
    "fault",
    [
        Fault("*", "server_error", 9),
        Fault("*", "drop_before", 9),
        Fault("*", "rate_limited", 9),
        Fault("*", "refuse", 9, error="internal_error"),
        Fault("users.info", "server_error", 9),
        Fault("users.info", "refuse", 9, error="user_not_visible"),
    ],
    ids=lambda it: f"{it.where} {it.kind}",
)
async def test_while_slack_cannot_say_nobody_is_known(idle, person, fault):
    idle.slack.faults.add(fault)

    assert await idle.members.standing(person("alice")) is Standing.UNKNOWN


async def test_a_slack_that_hangs_is_given_up(idle, person):
    members = Members(Questions(idle.client, seconds=0.05))
    idle.slack.faults.add(Fault("*", "slow", 9, seconds=0.2))

    assert await members.standing(person("alice")) is Standing.UNKNOWN


async def test_unknown_is_asked_anew_the_next_time(idle, person):
    idle.slack.faults.add(Fault("users.info", "server_error", 2))

    assert await idle.members.standing(person("alice")) is Standing.UNKNOWN
    assert await idle.members.standing(person("alice")) is Standing.MEMBER


async def test_people_are_named_as_people_know_them(idle, person):
    name, workspace = await idle.members.names(person("alice"))

    assert (name, bool(workspace)) == ("alice", True)


async def test_without_a_display_name_the_real_one_is_shown(idle, person):
    idle.slack.workspace.person("alice").name = ""

    assert (await idle.members.names(person("U0ALICE")))[0] == "Alice Chen"


async def test_without_any_name_the_ids_are_shown(idle, person):
    nobody = idle.slack.workspace.person("alice")
    nobody.name = nobody.real_name = ""

    assert (await idle.members.names(person("U0ALICE")))[0] == "U0ALICE"


async def test_while_slack_cannot_say_the_ids_are_shown(idle, person):
    idle.slack.faults.add(Fault("*", "server_error", 9))

    assert await idle.members.names(person("alice")) == ("U0ALICE", "T0SANDBOX")


async def test_while_slack_is_away_a_command_is_refused_in_a_sentence(bot):
    bot.slack.faults.add(Fault("auth.test", "server_error", 9))

    await bot.command("/detach-iso web-01")

    said = await bot.said("Not allowed")
    assert said.seen_by == "U0ALICE"
    assert "Slack cannot say who you are" in said.text


@pytest.mark.parametrize(
    ("user", "reason"),
    [
        ("guest", "Guests of this workspace"),
        ("ultra", "Guests of this workspace"),
        ("robot", "Bots may not"),
        ("gone", "deactivated"),
    ],
)
async def test_whoever_may_not_is_told_why(bot, user, reason):
    await bot.command("/detach-iso web-01", user=user)

    said = await bot.said("Not allowed")
    assert said.seen_by == bot.slack.workspace.person(user).id
    assert reason in said.text


async def test_a_workflow_is_a_kind_of_place_of_its_own(idle):
    place = {"kind": "slack", "channel": "", "step": "Fx1"}

    found = await idle.members.channel(place, asks=True)

    assert (found.id, found.kind) == ("", Kind.WORKFLOW)


async def test_a_partner_is_a_visitor_and_let_in_by_the_policy_alone(bot):
    bot.slack.workspace.person("stranger").is_stranger = False

    await bot.command("/zstack whoami", user="stranger")

    said = await bot.said("Not allowed")
    assert "You belong to another workspace" in said.text


async def test_a_user_group_is_told_by_its_handle_and_asked_for_once(idle, asked):
    assert [await idle.members.group(it) for it in ("S0OPS", "S0OPS")] == ["ops"] * 2
    assert asked("usergroups.list") == 1


async def test_a_user_group_that_slack_does_not_tell_keeps_its_id(idle):
    idle.slack.faults.add(Fault("usergroups.list", "refuse", 9, error="missing_scope"))

    assert await idle.members.group("S0OPS") == "S0OPS"


async def test_a_user_group_that_there_is_not_keeps_its_id(idle):
    assert await idle.members.group("S0NONE") == "S0NONE"


async def test_the_own_team_of_somebody_is_slacks_to_say(idle, person):
    named = person("stranger", team="T0SANDBOX")

    assert (await idle.members.at_home(named)).team == "T0PARTNER"


async def test_the_enterprise_of_somebody_is_slacks_to_say(idle, person, elsewhere):
    grid = {"team_id": "T1", "enterprise_user": {"enterprise_id": "E1"}}
    said = {"ok": True, "user": grid}
    elsewhere(200, body=json.dumps(said).encode(), kind="application/json")

    found = await idle.members.at_home(person("alice"))

    assert (found.enterprise, found.team, found.user) == ("E1", "T1", "U0ALICE")


async def test_who_cannot_be_asked_about_stays_as_they_were_named(idle, person):
    idle.slack.faults.add(Fault("users.info", "refuse", 9, error="fatal_error"))
    named = person("alice", team="T9")

    assert await idle.members.at_home(named) == named
