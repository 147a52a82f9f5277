"""SQLite that is full, and a bot that freezes past its lease with nobody to take over."""

import asyncio
import random
import signal

from desk.claims import LEASE
from tests.crash import tally
from tests.crash.dying import at_call, at_way, freezing, limited
from tests.crash.load import PEOPLE, Load
from tests.crash.together import together

LINE = "/detach-iso web-01"
FROZEN = {
    "before the first byte": at_way("after", "send.1", "sent.1", words=LINE),
    "with an answer of ZStack": at_call("before", "desk.steps.send:_accepted"),
    "in a transaction": at_way("before", "follow.1", "done.1", words=LINE),
    "before it ends a command": at_call("before", "desk.steps.verify:finish"),
    "with a place of Slack": at_call("before", "desk.outbox:Outbox.told"),
}


async def test_a_full_database_loses_and_doubles_nothing(world):
    limit = world.directory / "pages"
    await world.start(limited(limit))
    for user, account in PEOPLE.items():
        assert await world.log_in(user, account)
    async with Load(world, random.Random("full")) as load:
        await asyncio.sleep(2)

        limit.write_text("1")  # as many as there are, in truth
        await asyncio.sleep(4)
        limit.unlink()

        await asyncio.sleep(1)
        await load.end()
        await world.settled(within=60)
        assert load.refused
        assert not load.acknowledged - await world.books.words()
        await tally.check(world)


async def test_a_bot_that_freezes_past_its_lease_does_nothing_twice(new_world):
    stories = {name: _freeze(new_world(name), point) for name, point in FROZEN.items()}

    await together(stories, at_once=5)


async def _freeze(made_world, point):
    async with made_world as world:
        world.node.settings.change(job_seconds=0.3)
        await world.start()
        await world.log_in()
        await world.settled()
        await world.bot.kill()
        await world.start(freezing(point))
        await world.type(LINE)
        await world.struck(world.bot)

        await asyncio.sleep(LEASE + 1)
        world.bot.send(signal.SIGCONT)

        await world.settled()
        await tally.check(world, ["succeeded"], actions=1)
