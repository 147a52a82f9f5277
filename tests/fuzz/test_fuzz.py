"""Whatever anybody sends: no fault of ours, nothing done in ZStack, no memory kept.

`make fuzz` sends 100,000 bodies to every route; FUZZ_BODIES and FUZZ_SEED choose others.
"""

import asyncio
import os
import random
import subprocess
import sys
from collections import Counter

import pytest

from sandbox import botprocess
from sandbox.demo import _free_port, _settings
from sandbox.login import follow
from sandbox.server import serve
from sandbox.slack import Slack
from sandbox.zstack import Node
from tests.fuzz.routes import SECRETS, requests
from tests.fuzz.wire import Wire
from tests.leaks import LEAKS

BODIES = int(os.environ.get("FUZZ_BODIES", "100"))
SEED = os.environ.get("FUZZ_SEED", "1")
AT_ONCE = 8
GROWTH = 40_000  # kB from the end of the first quarter to the end of the last
NOT_NOW = 503
PAUSE = (
    3.0  # seconds until what could not be recorded is sent again, as any source does
)
FAULTS = (
    "request_failed",
    "listener_failed",
    "step_failed",
    "work_failed",
    "Traceback",
)


@pytest.fixture
async def clouds(tmp_path):
    """Both stand-ins, and the settings of a bot between them with every route open."""
    slack, node = Slack(), Node(job_seconds=0.01, web_hook_tries=1)
    async with serve(node.app) as zstack_url, slack.serve() as slack_url:
        settings = _settings(slack, slack_url, zstack_url, _free_port()) | SECRETS
        settings["DATABASE_URL"] = f"sqlite:///{tmp_path}/bot.sqlite3"
        settings |= {"LOG_FORMAT": "json", "LOG_LEVEL": "error"}
        LEAKS.keep_settings(settings)
        slack.bot_url = settings["PUBLIC_URL"]
        yield slack, node, settings
        await node.idle()


@pytest.fixture
async def attacked(clouds, tmp_path):
    """A bot to which somebody is logged in, and the ticket of somebody who is not."""
    slack, node, settings = clouds
    async with botprocess.running(settings, tmp_path) as bot:
        await bot.ready(settings["PUBLIC_URL"])
        await follow(
            await _link(slack, "alice"), account="ops", password="sandbox-password"
        )
        ticket = (await _link(slack, "bob")).rpartition("/")[2]
        yield slack, node, bot, requests(ticket, slack.drafts.signing_secret)


async def _link(slack, user):
    await slack.command("/zstack", "login", user=user)
    person = slack.workspace.person(user).id
    said = await slack.wait(lambda it: it.seen_by == person and _links(it))
    return _links(said)[0]


def _links(message):
    return [it.url for it in message.controls if "/login/" in it.url]


def _kilobytes(pid):
    said = subprocess.run(
        ["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=True
    )
    return int(said.stdout)


def _say(capsys, line):
    with capsys.disabled():
        sys.stdout.write(f"\n{line}")
        sys.stdout.flush()


async def _send(port, make, name, count):
    """Send so many bodies over several connections; how often each status came."""
    seen, faults = Counter(), []

    async def one(number):
        dice = random.Random(f"{SEED} {name} {count} {number}")
        wire = Wire(port, dice)
        for _ in range(count // AT_ONCE + 1):
            made = make(dice)
            status, said = await wire.ask(made)
            seen[status] += 1
            if status == NOT_NOW:  # a disk that took its time; a fault if it goes on
                await asyncio.sleep(PAUSE)
                status, said = await wire.ask(made)
            if status >= 500 or b"Traceback" in said:
                faults.append((status, made))
        await wire.close()

    await asyncio.gather(*(one(number) for number in range(AT_ONCE)))
    return seen, faults


async def test_nothing_that_is_sent_breaks_the_bot_or_acts_in_zstack(attacked, capsys):
    slack, node, bot, makers = attacked
    port = int(slack.bot_url.rpartition(":")[2])
    sizes = []
    for quarter in range(1, 5):
        for name, make in makers.items():
            seen, faults = await _send(port, make, f"{name} {quarter}", BODIES // 4)
            _say(capsys, f"{quarter}/4 {name}: {dict(sorted(seen.items()))}")
            assert not faults, f"{name}: {faults[:3]}\n{bot.last_words}"
        sizes.append(_kilobytes(bot.pid))
        _say(capsys, f"{quarter}/4 memory of the bot: {sizes[-1]} kB")

    assert not node.log.actions()
    assert sizes[-1] - sizes[0] < GROWTH
    assert not [it for it in FAULTS if it in bot.last_words], bot.last_words
    await slack.command("/detach-iso", "web-01", user="alice")
    await slack.wait(lambda it: it.outcome == "succeeded")
    assert len(node.log.actions()) == 1
