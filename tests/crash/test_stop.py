"""SIGTERM: nothing more is taken, what runs stays in the ledger, the next start ends it."""

import asyncio
import os
import signal

import httpx
import pytest


@pytest.fixture
def job_seconds():
    return 2.0


async def test_a_stop_while_a_job_runs_leaves_it_to_the_next_start(bot):
    await bot.detach("web-01")
    await bot.sent("web-01")

    assert await stopped(bot) == 0
    left = bot.outcomes()
    await bot.start()

    assert left == ["running"]
    await bot.said("succeeded", "web-01")
    assert len(bot.actions("web-01")) == 1


async def test_a_stopped_bot_is_not_ready_and_kept_what_it_acknowledged(bot):
    assert (await readiness(bot)).is_success
    asked = [asyncio.create_task(bot.detach("web-01")) for _ in range(5)]
    await asyncio.sleep(0)

    assert await stopped(bot) == 0

    taken = sum([(await ack).is_ok for ack in asked])
    assert len(bot.outcomes()) == taken
    with pytest.raises(httpx.TransportError):
        await readiness(bot)


async def stopped(bot):
    """Ask it to end; its exit status."""
    os.kill(bot.process.pid, signal.SIGTERM)
    async with asyncio.timeout(20):
        return await bot.process._process.wait()


async def readiness(bot):
    async with httpx.AsyncClient(trust_env=False) as platform:
        return await platform.get(f"{bot.url}/readyz")
