"""The same delivery many times at once, and again after a crash: one command."""

import asyncio

import pytest

from tests.crash import tally


@pytest.fixture
async def delivery(world):
    """A slash command as Slack sends it, to a bot that runs and knows alice."""
    await world.start()
    await world.log_in()
    return world.slack.drafts.command(
        "/detach-iso", "web-01", user="alice", channel="ops"
    )


async def test_the_same_delivery_twenty_times_at_once_is_one_command(world, delivery):
    acks = await asyncio.gather(*(world.slack.send(delivery) for _ in range(20)))

    await world.settled()
    assert all(ack.is_ok for ack in acks)
    await tally.check(world, ["succeeded"], actions=1)


async def test_a_delivery_that_comes_again_after_a_crash_is_the_same_command(
    world, delivery
):
    await world.slack.send(delivery)
    await world.bot.kill()
    await world.start()

    again = await world.slack.send(delivery)

    await world.settled()
    assert again.is_ok
    await tally.check(world, ["succeeded"], actions=1)
