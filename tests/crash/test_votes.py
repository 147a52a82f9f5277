"""A word on somebody's request: counted once, whatever dies and however often it comes."""

import asyncio

import pytest

from tests.crash import tally
from tests.crash.dying import at_call

DESTROY = '/zstack vm destroy web-01 --reason "replaced"'


@pytest.fixture
async def card(world):
    """Ask for an approval, of a bot that is killed then; what the next one dies of."""

    async def asked(death=None):
        await world.start()
        await world.log_in()
        await world.type(DESTROY)
        message = await world.slack.wait(lambda it: "Waits for approval" in it.text)
        await world.bot.kill()
        await world.start(death)
        return message

    return asked


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_kill_around_a_vote_loses_and_doubles_nothing(world, card, moment):
    await card(at_call(moment, "desk.approvals:cast"))
    await world.press("Approve", "bob")
    await world.died()

    await world.start()

    await world.settled()
    await tally.check(world, ["succeeded"], actions=1)


async def test_a_kill_between_the_vote_and_the_run_loses_nothing(world, card):
    await card(at_call("before", "desk.steps.approve:_approved"))
    await world.press("Approve", "bob")
    await world.died()

    await world.start()

    await world.settled()
    await tally.check(world, ["succeeded"], actions=1)


async def test_the_same_vote_twenty_times_at_once_is_one(world, card):
    message = await card()
    (button,) = [it for it in message.controls if it.label == "Approve"]
    delivery = world.slack.drafts.click(message, button, user="bob")

    acks = await asyncio.gather(*(world.slack.send(delivery) for _ in range(20)))

    await world.settled()
    assert all(ack.is_ok for ack in acks)
    await tally.check(world, ["succeeded"], actions=1)
