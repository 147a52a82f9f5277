"""kill -9 before and after every commit of the state machine: nothing lost or doubled."""

import asyncio
from itertools import product

import pytest

from desk.machine import STEPS
from tests.crash import tally
from tests.crash.dying import at_way
from tests.crash.together import together
from tests.crash.ways import WAYS, Scenario


def test_every_way_of_the_state_machine_has_a_crash():
    assert WAYS.keys() == {(step, to) for step in STEPS for to in STEPS[step].ways}


@pytest.mark.parametrize("step", sorted({step for step, _ in WAYS}))
async def test_no_kill_on_a_way_from_a_step_loses_or_doubles_anything(new_world, step):
    ways = [it for it in WAYS if it[0] == step and isinstance(WAYS[it], Scenario)]

    await together(
        {
            f"{moment} {step} → {to}": play(new_world, (step, to), moment)
            for (step, to), moment in product(ways, ("before", "after"))
        }
    )


async def play(new_world, way, moment):
    """Kill a bot at a way, let another go on, and count."""
    scenario = WAYS[way]
    more = {
        "answers_at_once": scenario.answers_at_once,
        "job_seconds": scenario.job_seconds,
    }
    async with new_world(f"{moment} {way[1]}", **more) as world:
        await kill(world, scenario, at_way(moment, *way, words=scenario.line))
        await scenario.after(world)
        await world.start()
        await scenario.then(world)
        await world.settled()

        ends, actions = scenario.end(moment)
        await tally.check(world, ends, actions)


async def kill(world, scenario, death):
    """Bring a command to the way on which the bot kills itself."""
    first = scenario.stands and at_way(*scenario.stands, words=scenario.line)
    await world.start(first or death)
    if scenario.is_logged_in:
        assert await world.log_in()
    await scenario.first(world)
    await scenario.asked(world)
    if scenario.stands:
        await world.died()
        await scenario.meanwhile(world)
        await world.start(death)
    hands = asyncio.create_task(scenario.during(world))
    await world.died()
    hands.cancel()
    await asyncio.gather(hands, return_exceptions=True)
