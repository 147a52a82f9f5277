import pytest

from desk.policy import Channel, Kind
from handlers.slack.members import kind_of
from sandbox.slack import Fault

PLACE = {"kind": "slack", "channel": "C0OPS"}


def asked(idle):
    return sum(call.method == "conversations.info" for call in idle.slack.calls)


@pytest.mark.parametrize(
    ("channel", "kind"),
    [
        ("C0OPS", Kind.PUBLIC),
        ("C0SHARED", Kind.SHARED),
        ("C0SECRET", Kind.UNKNOWN),
        ("C0NOWHERE", Kind.UNKNOWN),
    ],
)
async def test_slack_says_of_which_kind_a_channel_is(idle, channel, kind):
    found = await idle.members.channel({"kind": "slack", "channel": channel}, asks=True)

    assert found == Channel(channel, kind)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"is_im": True}, Kind.IM),
        ({"is_mpim": True, "is_private": True}, Kind.GROUP_IM),
        ({"is_private": True}, Kind.PRIVATE),
        ({"is_private": False}, Kind.PUBLIC),
        ({"is_im": True, "is_ext_shared": True}, Kind.SHARED),
        ({"is_private": True, "is_pending_ext_shared": True}, Kind.SHARED),
        ({}, Kind.PRIVATE),
    ],
)
def test_who_else_may_be_in_a_channel_counts_most(said, kind):
    assert kind_of(said) is kind


async def test_slack_is_asked_only_when_a_rule_wants_it_and_once_a_minute(idle):
    unasked = await idle.members.channel(PLACE, asks=False)
    for _ in range(2):
        await idle.members.channel(PLACE, asks=True)

    assert unasked == Channel("C0OPS", Kind.UNKNOWN)
    assert asked(idle) == 1


async def test_while_slack_cannot_say_the_kind_is_not_known_and_asked_again(idle):
    idle.slack.faults.add(Fault("conversations.info", "server_error", 2))

    kinds = [(await idle.members.channel(PLACE, asks=True)).kind for _ in range(2)]

    assert kinds == [Kind.UNKNOWN, Kind.PUBLIC]


async def test_the_shell_is_a_place_of_its_own(idle):
    place = await idle.members.channel({"kind": "shell"}, asks=True)

    assert place == Channel("", Kind.SHELL)
    assert not idle.slack.calls
