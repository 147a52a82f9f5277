"""Two people in Slack: one asks, another approves, with the whole bot in between."""

import pytest

from desk.notice import Outcome

DESTROY = "/zstack vm destroy web-01"


@pytest.fixture
async def card(bot):
    """Alice's card, which waits for somebody else."""
    await bot.log_in()
    await bot.command(f'{DESTROY} --reason "replaced"')
    return await bot.said("Waits for approval: destroy web-01")


async def test_a_colleague_approves_and_it_is_destroyed(bot, card):
    await bot.slack.press(card, "Approve", user="bob")

    ended = await bot.ended("succeeded")
    assert (ended.ts, ended.channel) == (card.ts, card.channel)
    assert "U0BOB approved" in ended.text
    assert bot.node.world.vm("web-01").state == "Destroyed"
    await bot.said("You approved")
    call = await bot.said("Approved: destroy web-01", within=5)
    assert call.thread_ts in {card.ts, ""}


async def test_a_colleague_says_no_and_nothing_is_done(bot, card):
    await bot.slack.press(card, "Deny", user="bob")

    ended = await bot.ended("refused")
    assert "U0BOB said no" in ended.text
    assert bot.node.world.vm("web-01").state == "Running"


async def test_who_asked_is_told_privately_that_somebody_else_has_to(bot, card):
    await bot.slack.press(card, "Approve", user="alice")

    said = await bot.said("Nobody approves their own command.")
    assert said.seen_by == bot.slack.workspace.person("alice").id


async def test_a_guest_is_told_privately_that_they_may_not(bot, card):
    await bot.slack.press(card, "Approve", user="guest")

    said = await bot.said("Guests of this workspace")
    assert said.seen_by == bot.slack.workspace.person("guest").id


async def test_pressed_twice_the_second_press_says_so(bot, card):
    await bot.slack.press(card, "Deny", user="bob")
    await bot.said("You said no to")

    await bot.slack.press(card, "Deny", user="bob")

    await bot.said("You have said so before")


async def test_the_reason_is_typed_where_it_is_asked_for(bot):
    await bot.log_in()
    await bot.command(DESTROY)
    question = await bot.said("Why is it needed?")

    await bot.slack.press(question, "Ask for approval", typed={"Reason": "too old"})

    assert "Why: too old" in (await bot.said("Waits for approval")).text


async def test_approvals_lists_it_with_buttons_for_whoever_may(bot, card):
    await bot.command("/zstack approvals", user="bob")
    listed = await bot.said("1 for you to approve")

    await bot.slack.press(listed, "Approve: destroy web-01", user="bob")

    await bot.ended("succeeded")
    rows = {row.operation: row.outcome for row in await bot.rows()}
    assert rows["DestroyVmInstance"] is Outcome.SUCCEEDED
