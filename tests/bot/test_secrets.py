"""A whole day of a bot: none of its secrets is in anything that it wrote or said."""

import contextlib
import signal
from pathlib import Path

import httpx
import pytest

from sandbox.login import LoginFailedError, follow
from tests.fuzz.routes import SECRETS
from tests.leaks import secret

WRONG = secret("typed secret", "hunter2-is-not-it")


def _links(message):
    return [it.url for it in message.controls if "/login/" in it.url]


async def _day(cloud):
    """A log-in after a wrong password, commands that end well and badly, and strangers."""
    slack = cloud.slack
    await slack.command("/detach-iso", "web-01", user="alice")
    link = _links(await slack.wait(_links))[0]
    with contextlib.suppress(LoginFailedError):
        await follow(link, account="ops", password=WRONG)
    await follow(link, account="ops", password="sandbox-password")
    await slack.wait(lambda it: it.outcome == "succeeded")
    cloud.node.faults.add("drop-reply", "AttachIsoToVmInstance")
    for name, words in (
        ("/attach-iso", "web-01 ubuntu-24.04.iso"),
        ("/detach-iso", "mounted-01"),
        ("/zstack", "whoami"),
        ("/zstack", "history --by all"),
    ):
        await slack.command(name, words, user="alice")
    await slack.wait(lambda it: it.outcome == "failed")
    async with httpx.AsyncClient(trust_env=False) as stranger:
        for path in ("/slack/events", "/zstack/jobs", "/alerts/generic", "/metrics"):
            await stranger.post(f"{cloud.url}{path}", content=b"{")
        await stranger.get(link)
    return link.rpartition("/")[2]


@pytest.fixture
async def written(cloud, ready):
    """Everything that a bot wrote in a day, by where; and the secrets of that day."""
    cloud.settings |= SECRETS | {"LOG_LEVEL": "debug", "LOG_FORMAT": "json"}
    process = await cloud.start("serve")
    await ready(cloud.url)
    ticket = await _day(cloud)
    process.send_signal(signal.SIGTERM)
    out, log = await process.communicate()
    database = Path(cloud.settings["DATABASE_URL"].removeprefix("sqlite:///"))
    files = database.parent.glob(f"{database.name}*")
    export = await cloud.run("audit", "export")
    history = await cloud.run("history", "--json")
    said = repr([it.edits for it in cloud.slack.transcript.all])
    places = {
        "log": log + out,
        "database": b"".join(it.read_bytes() for it in files),
        "command line": (export.stdout + history.stdout).encode(),
        "Slack": said.replace(f"/login/{ticket}", "").encode(),
    }
    sent = cloud.node.log.received
    secrets = {
        name: cloud.settings[name]
        for name in (*SECRETS, "SLACK_SIGNING_SECRET", "SLACK_BOT_TOKEN")
    }
    secrets |= {"ticket": ticket, "wrong password": WRONG}
    secrets |= {f"job {it.job_uuid}": it.job_uuid for it in sent if it.job_uuid}
    secrets |= {f"session {it}": it for it in cloud.node.sessions._by_uuid}
    return places, secrets


async def test_no_secret_is_in_anything_that_a_bot_wrote_or_said(written):
    places, secrets = written

    found = [
        (place, name)
        for place, text in places.items()
        for name, secret in secrets.items()
        if secret.encode() in text
    ]

    assert all(b"web-01" in places[place] for place in places if place != "log")
    assert b'"event": "step"' in places["log"]
    assert len(secrets) > len(SECRETS) + 5
    assert found == []
