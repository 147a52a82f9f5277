"""kill -9 at random moments under load: 50 of them here, 500 by `make soak`."""

import asyncio
import os
import random
import sys

from tests.crash import tally
from tests.crash.load import PEOPLE, Load
from tests.crash.together import together
from tests.crash.world import made

MOMENTS = int(os.environ.get("CRASH_MOMENTS", "50"))
SEED = os.environ.get("CRASH_SEED") or str(random.SystemRandom().randrange(10**6))
_WORLDS = ("one", "two", "three")
_PATIENCE = 6.0  # seconds after which time passes faster
_LATER = (31, 31, 31, 1900)  # seconds, until stuck jobs are given up


async def test_no_moment_on_sqlite_loses_or_doubles_a_command(new_world):
    await together(
        {
            name: _die_often(name, new_world(name), MOMENTS // len(_WORLDS) + 1)
            for name in _WORLDS
        }
    )


async def test_no_moment_on_postgresql_loses_or_doubles_a_command(
    nursery, tmp_path, postgres_url
):
    world = made(tmp_path, nursery, postgres_url)
    await _die_often("postgresql", world, MOMENTS // 4)


async def _die_often(name, made_world, times):
    """Kill the bot of one world again and again, and count."""
    dice = random.Random(f"{SEED} {name}")
    async with made_world as world:
        world.node.settings.change(job_seconds=0.3)
        await world.start()
        for user, account in PEOPLE.items():
            assert await world.log_in(user, account)
        async with Load(world, dice) as load:
            for _ in range(times):
                # A random moment is the point.
                await asyncio.sleep(dice.uniform(0.02, 1.5))
                await world.bot.kill()
                if dice.random() < 0.2:
                    await world.books.age(31)
                await world.bear()
            await load.end()
            await world.settled(_PATIENCE, later=_LATER)
            assert not load.acknowledged - await world.books.words(), SEED
            sys.stdout.write(f"{await tally.check(world, seed=SEED)}\n")
