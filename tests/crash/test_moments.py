"""kill -9 at random moments under load: 50 of them here, 500 by `make soak`."""

import asyncio
import os
import random
import shutil
import sys
from collections import Counter

import pytest

from tests.crash import tally
from tests.crash.load import PEOPLE, Load
from tests.crash.world import made

MOMENTS = int(os.environ.get("CRASH_MOMENTS", "50"))
SEED = os.environ.get("CRASH_SEED") or str(random.SystemRandom().randrange(10**6))
_WORLDS = 3
_PATIENCE = 6.0  # seconds after which time passes faster
_LATER = (31, 31, 31, 1900)  # seconds, until stuck jobs are given up


@pytest.fixture
def files(tmp_path, migrated_sqlite):
    """A directory and a DATABASE_URL for each world on SQLite."""
    made = []
    for number in range(_WORLDS):
        directory = tmp_path / str(number)
        directory.mkdir()
        shutil.copy(migrated_sqlite, directory / "bot.sqlite3")
        made.append((directory, f"sqlite:///{directory}/bot.sqlite3"))
    return made


async def test_no_moment_on_sqlite_loses_or_doubles_a_command(nursery_of_all, files):
    runs = [
        _die_often(directory, nursery_of_all, url, MOMENTS // _WORLDS + 1)
        for directory, url in files
    ]

    await asyncio.gather(*runs)


async def test_no_moment_on_postgresql_loses_or_doubles_a_command(
    nursery_of_all, tmp_path, postgres_url
):
    await _die_often(tmp_path, nursery_of_all, postgres_url, MOMENTS // 4)


async def _die_often(directory, nursery, url, times):
    """Kill the bot of one world again and again, and count."""
    dice = random.Random(f"{SEED} {directory.name}")
    async with made(directory, nursery, url, job_seconds=0.3) as world:
        await world.start()
        for user, account in PEOPLE.items():
            assert await world.log_in(user, account)
        load = Load(world, dice)
        load.begin()
        for _ in range(times):
            await asyncio.sleep(dice.uniform(0.02, 1.5))  # a random moment is the point
            await world.bot.kill()
            if dice.random() < 0.2:
                await world.books.age(31)
            await world.bear()
        await load.end()
        await world.settled(_PATIENCE, later=_LATER)
        await _check(world, load)


async def _check(world, load):
    counted = await tally.count(world)
    recorded = Counter(entry.words for entry in await world.books.entries())
    said = await world.report(f"seed {SEED}: {counted}")
    assert not load.acknowledged - recorded, said
    assert not counted.faults, said
    assert not counted.said_twice, said
    sys.stdout.write(f"{counted}\n")
