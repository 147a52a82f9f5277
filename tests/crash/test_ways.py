"""kill -9 before and after every commit of the state machine: nothing lost or doubled."""

import asyncio
import shutil
from collections import Counter
from itertools import product

import pytest

from desk.machine import STEPS
from tests.crash import tally
from tests.crash.dying import at_way
from tests.crash.ways import WAYS, Scenario
from tests.crash.world import made

AT_ONCE = 4


def test_every_way_of_the_state_machine_has_a_crash():
    assert WAYS.keys() == {(step, to) for step in STEPS for to in STEPS[step].ways}


@pytest.mark.parametrize("step", sorted({step for step, _ in WAYS}))
async def test_no_kill_on_a_way_from_a_step_loses_or_doubles_anything(
    nursery_of_all, migrated_sqlite, tmp_path, step
):
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(way, moment):
        async with gate:
            directory = tmp_path / f"{moment} {way[1]}"
            directory.mkdir()
            shutil.copy(migrated_sqlite, directory / "bot.sqlite3")
            await play(directory, nursery_of_all, way, moment)

    ways = [it for it in WAYS if it[0] == step and isinstance(WAYS[it], Scenario)]
    deaths = list(product(ways, ("before", "after")))
    ends = await asyncio.gather(*(one(*it) for it in deaths), return_exceptions=True)

    faults = [
        f"{moment} {way[0]} → {way[1]}: {end!r}"
        for (way, moment), end in zip(deaths, ends, strict=True)
        if end is not None
    ]
    assert not faults, "\n".join(faults)


async def play(directory, nursery, way, moment):
    """Kill a bot at a way, let another go on, and count."""
    scenario = WAYS[way]
    node = {
        "answers_at_once": scenario.answers_at_once,
        "job_seconds": scenario.job_seconds,
    }
    url = f"sqlite:///{directory}/bot.sqlite3"
    async with made(directory, nursery, url, **node) as world:
        await kill(world, scenario, at_way(moment, *way, words=scenario.line))
        await scenario.after(world)
        await world.start()
        await scenario.then(world)
        await world.settled()

        counted = await tally.count(world)
        ends, actions = scenario.end(moment)
        said = await world.report(str(counted))
        assert counted.outcomes == Counter(ends), said
        assert counted.actions == actions, said
        assert not counted.faults, said
        assert not counted.said_twice, said


async def kill(world, scenario, death):
    """Bring a command to the way on which the bot kills itself."""
    first = scenario.stands and at_way(*scenario.stands, words=scenario.line)
    await world.start(first or death)
    if scenario.is_logged_in:
        assert await world.log_in()
    await scenario.first(world)
    await world.type(scenario.line, user=scenario.user)
    if scenario.stands:
        await world.died()
        await scenario.meanwhile(world)
        await world.start(death)
    hands = asyncio.create_task(scenario.during(world))
    await world.died()
    hands.cancel()
    await asyncio.gather(hands, return_exceptions=True)
