"""SIGTERM: nothing more is taken, what runs stays in the ledger, the next start ends it."""

import asyncio
import signal

import httpx
import pytest

from tests.crash import bots, tally


@pytest.fixture
def nursery():
    """Start bots the way people do: it is their exit status that counts here."""
    return bots.CommandLine()


async def test_a_stop_while_a_job_runs_leaves_it_to_the_next_start(world):
    world.node.settings.change(job_seconds=6)
    await world.start()
    await world.log_in()
    await world.type("/detach-iso web-01")
    await world.books.stands("follow.1")

    assert await stopped(world) == 0
    left = (await world.books.entries())[-1]
    await world.start()

    assert left.outcome == "running"
    await world.settled()
    await tally.check(world, ["succeeded"], actions=1)


async def test_a_stopped_bot_is_not_ready_and_kept_what_it_acknowledged(world):
    await world.start()
    asked = [
        asyncio.create_task(world.type("/detach-iso web-01", user="alice"))
        for _ in range(5)
    ]
    await asyncio.sleep(0)

    assert await stopped(world) == 0

    taken = sum([(await ack).is_ok for ack in asked])
    assert len(await world.books.entries()) == taken
    async with httpx.AsyncClient(trust_env=False) as platform:
        with pytest.raises(httpx.TransportError):
            await platform.get(f"http://127.0.0.1:{world.ports[0]}/readyz")


async def stopped(world):
    """Ask it to end; its exit status."""
    world.bot.send(signal.SIGTERM)
    async with asyncio.timeout(20):
        return await world.bot.died()
