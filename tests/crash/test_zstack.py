"""What ZStack does to its callers, seen by a whole bot: each command once, and told."""

import httpx
import pytest

from tests.crash import deeds, tally
from tests.crash.deeds import fault
from tests.crash.together import together

LINE = "/detach-iso web-01"
ONCE = (["succeeded"], 1)
LATER = (31, 31, 31, 1900)  # seconds, until a stuck job is given up


async def _wait_long(world):
    await world.settled(within=2, later=LATER)


async def _restart_and_wait_long(world):
    await world.books.stands("follow.1")
    world.node.restart()
    await _wait_long(world)


async def _forget_the_job(world):
    await world.books.stands("follow.1")
    await world.bot.kill()
    await deeds.job_is_forgotten(world)
    await world.start()


async def _call_back_in_its_name(world):
    """Somebody says that jobs have ended: one of ours, and one that nobody has."""
    await world.books.stands("follow.1")
    (job,) = world.node.jobs.rows
    async with httpx.AsyncClient(trust_env=False) as stranger:
        for uuid in (job, "0" * 32) * 5:
            headers = {"X-Job-UUID": uuid, "X-Job-Success": "false"}
            url = f"{world.slack.bot_url}/zstack/jobs"
            said = await stranger.post(url, headers=headers, content=b"{}")
            assert said.is_success


# What goes wrong before, what happens while the job runs, and how it ends.
TROUBLES = {
    "the request is lost": (fault("drop"), None, ONCE),
    "the answer is lost": (fault("drop-reply"), None, ONCE),
    "an error 500": (fault("error"), None, ONCE),
    "a proxy hides the request": (fault("proxy"), None, ONCE),
    "a proxy hides the answer": (fault("proxy-reply"), None, ONCE),
    "jobs cannot be asked for": (fault("drop", "api-jobs", count=3), None, ONCE),
    "a stuck job that did its work": (fault("stuck-done"), _wait_long, ONCE),
    "a stuck job that did nothing": (fault("stuck"), _wait_long, (["unknown"], 0)),
    "a restart in mid-job": (None, _restart_and_wait_long, (["unknown"], 0)),
    "a job that is forgotten": (deeds.callbacks_stop, _forget_the_job, ONCE),
    "callbacks that anybody may send": (None, _call_back_in_its_name, ONCE),
}


@pytest.fixture
def stories(new_world):
    return {
        name: _suffer(new_world(name, job_seconds=1), *trouble)
        for name, trouble in TROUBLES.items()
    }


async def test_whatever_zstack_does_a_command_is_done_once_and_told(stories):
    await together(stories, at_once=6)


async def _suffer(made_world, before, meanwhile, end):
    async with made_world as world:
        await world.start()
        await world.log_in()
        if before:
            await before(world)
        await world.type(LINE)
        if meanwhile:
            await meanwhile(world)
        await world.settled()
        await tally.check(world, *end)
