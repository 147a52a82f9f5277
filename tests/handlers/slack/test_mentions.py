"""A mention of the bot is a command, recorded once, by the same words as any other."""

import pytest

from handlers.slack.mentions import spoken
from sandbox.slack.workspace import BOT_USER


@pytest.fixture
def mention(idle):
    """The event of a message, as Slack tells it."""

    def make(words, **changes):
        known = {"type": "app_mention", "user": "U0ALICE", "channel": "C0OPS"}
        said = f"<@{BOT_USER}> {words}"
        return known | {"text": said, "ts": "1700000000.000100"} | changes

    return make


async def test_a_mention_runs_a_command_in_its_channel(bot):
    await bot.log_in()

    (ack,) = await bot.slack.mention("detach-iso web-01")

    done = await bot.ended("succeeded")
    assert (ack.status, done.channel) == (200, "C0OPS")


async def test_without_a_session_the_link_to_log_in_is_private(bot):
    await bot.slack.mention("vm show web-01", user="bob")

    assert "/login/" in await bot.link("bob")


async def test_one_message_is_one_row_however_often_it_is_told(idle, mention):
    told = mention("vm show web-01")
    for _ in range(2):  # as two events
        (ack,) = await idle.slack.event(told)
        assert ack.status == 200

    assert len(await idle.rows()) == 1


async def test_words_that_cannot_be_understood_are_answered_privately(bot):
    await bot.slack.mention("detach web-01")

    said = await bot.said("“detach” is not a command")
    assert (said.channel, said.seen_by) == ("C0OPS", "U0ALICE")
    assert await bot.rows() == []


async def test_a_mention_alone_is_answered_with_help(bot):
    await bot.slack.mention("")

    said = await bot.said("/zstack")
    assert said.seen_by == "U0ALICE"


async def test_what_a_bot_says_is_no_command(idle, mention):
    (ack,) = await idle.slack.event(mention("vm show web-01", bot_id="B0OTHER"))

    assert ack.status == 200
    assert await idle.rows() == []


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"user": None}, id="nobody"),
        pytest.param({"user": "U0|x"}, id="no id"),
        pytest.param({"text": 7}, id="no text"),
    ],
)
async def test_what_is_no_mention_is_acknowledged_and_nothing_more(
    idle, mention, changes
):
    (ack,) = await idle.slack.event(mention("vm show web-01", **changes))

    assert ack.status == 200
    assert await idle.rows() == []


async def test_who_belongs_to_another_workspace_is_known_by_it(idle, mention):
    await idle.slack.event(mention("vm show web-01", user_team="T0PARTNER"))

    (row,) = await idle.rows()
    assert row.person.team == "T0PARTNER"


async def test_a_mention_that_is_not_recorded_comes_again(idle, mention):
    await idle.sql("ALTER TABLE command RENAME TO gone")

    acks = await idle.slack.event(mention("vm show web-01"))

    assert [it.status for it in acks] == [503] * 4


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<@U1> vm show web-01", "vm show web-01"),
        ("<@U1|zstack>: vm list", "vm list"),
        ("<@U1> /zstack vm list", "vm list"),
        ("<@U1> vm show &lt;a&amp;b&gt;", "vm show <a&b>"),
        ("please <@U1> vm list", "please <@U1> vm list"),
    ],
    ids=["plain", "with a name", "with the command", "escaped", "not in front"],
)
def test_what_stands_behind_the_name_is_the_command(text, words):
    assert spoken(text) == words


async def test_a_mention_in_a_thread_is_answered_there(bot, mention):
    await bot.log_in()
    above = await bot.said("now acts in ZStack")
    ts = above.ts
    inner = mention("vm show web-01", channel=above.channel, thread_ts=ts)

    await bot.slack.event(inner)

    done = await bot.ended("succeeded")
    assert (done.channel, done.thread_ts) == (above.channel, ts)
