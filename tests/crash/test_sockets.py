"""kill -9 around an acknowledgement by Socket Mode: it comes again, and is one command."""

import asyncio
import random

import pytest

from tests.crash import tally
from tests.crash.dying import at_call
from tests.crash.load import PEOPLE, Load


@pytest.fixture
async def connecting(world):
    """A bot that connects, knows alice, and is not running now."""
    world.slack.socket_mode = True
    world.settings["SLACK_APP_TOKEN"] = world.slack.state.app_token
    del world.settings["SLACK_SIGNING_SECRET"]
    await world.start()
    await connected(world)
    await world.log_in()
    await world.settled()
    await world.bot.kill()
    return world


async def connected(world):
    await world.slack.sockets.until(lambda it: bool(it.open), 20)


@pytest.mark.parametrize(
    ("death", "rows"),
    [
        pytest.param(
            at_call("before", "handlers.slack.sockets:AsyncBoltRequest"),
            0,
            id="before its row is written",
        ),
        pytest.param(
            at_call("before", "handlers.slack.socket:acknowledgement"),
            1,
            id="between its row and the acknowledgement",
        ),
    ],
)
async def test_what_was_not_acknowledged_comes_again_and_is_one_command(
    connecting, death, rows
):
    world = connecting
    await world.start(death)
    await connected(world)
    lost = await world.type("/detach-iso web-01")
    await world.died()
    left = (await world.books.words())["/detach-iso web-01"]
    await world.start()
    await connected(world)

    (again,) = await world.slack.sockets.redeliver()

    await world.settled()
    assert left == rows
    assert (lost.failure, again.is_ok) == ("dispatch_failed", True)
    await tally.check(world, ["succeeded"], actions=1)


async def test_a_stop_acknowledges_what_came_and_another_bot_goes_on(connecting):
    world = connecting
    await world.start()
    await connected(world)

    ack = await world.type("/detach-iso web-01")
    await world.bot.stop()
    closed = world.slack.sockets.open
    await world.start()

    await world.settled()
    assert ack.is_ok
    assert closed == []
    await tally.check(world, ["succeeded"], actions=1)


async def test_lines_that_break_and_bots_that_die_under_load_lose_and_double_nothing(
    connecting,
):
    world, dice = connecting, random.Random(7)
    await world.start()
    await connected(world)
    for user, account in PEOPLE.items():
        await world.log_in(user, account)
    async with Load(world, dice) as load:
        for number in range(8):
            await asyncio.sleep(dice.uniform(0.05, 0.8))  # a random moment is the point
            if number % 4 == 3:
                await world.bot.kill()
                await world.start()
            await broken(world, dice)
            await connected(world)
            await world.slack.sockets.redeliver()

        await load.end()
        await world.settled(6.0, later=(31, 31, 31, 1900))
        assert not load.acknowledged - await world.books.words()
        await tally.check(world)


async def broken(world, dice):
    """Break one connection, in one of the ways that there are."""
    for socket in world.slack.sockets.open[:1]:
        way = dice.choice(("warning", "refresh_requested", "cut", "within"))
        match way:
            case "cut":
                socket.cut()
            case "within":
                socket.cut_within({"envelope_id": "never"})
            case announced:
                await socket.disconnect(announced)
