import asyncio
from urllib.parse import urlsplit

import pytest

from desk.deliver import Known
from desk.notice import Notice


@pytest.fixture
def raw(idle):
    """Write bytes to the bot, hang up, and wait until it has noticed."""

    async def write(sent):
        parts = urlsplit(idle.url)
        _, writer = await asyncio.open_connection(parts.hostname, parts.port)
        noticed = asyncio.Event()
        inner = idle.doors.app

        async def watched(scope, receive, send):
            try:
                await inner(scope, receive, send)
            finally:
                noticed.set()

        idle.doors.app = watched
        writer.write(sent)
        await writer.drain()
        writer.close()
        await asyncio.wait_for(noticed.wait(), 5)

    return write


@pytest.fixture
def elsewhere(idle):
    """Let something else than Slack answer from now on; returns the paths it is asked."""

    def answer(status, headers=None, body=b"", kind="text/plain"):
        asked = []

        async def app(scope, receive, send):
            asked.append(scope["path"])
            given = {"Content-Type": kind} | (headers or {})
            written = [(name.encode(), value.encode()) for name, value in given.items()]
            start = {"type": "http.response.start", "status": status}
            await send(start | {"headers": written})
            await send({"type": "http.response.body", "body": body})

        idle.doors.slack = app
        return asked

    return answer


@pytest.fixture
def held(idle):
    """Keep the next request for a path of Slack's: when it has come, and let it go."""

    def hold(path):
        arrived, go, inner = asyncio.Event(), asyncio.Event(), idle.doors.slack

        async def app(scope, receive, send):
            if scope.get("path") == path and not arrived.is_set():
                arrived.set()
                await go.wait()
            await inner(scope, receive, send)

        idle.doors.slack = app
        return arrived, go

    return hold


@pytest.fixture
def notice():
    """A notice of one command."""

    def make(slot, title="Detached", **more):
        known = {"command_id": "c1", "operation": "DetachIso", "resource_uuid": "u1"}
        return Notice(**(known | more), slot=slot, title=title)

    return make


@pytest.fixture
def place(idle):
    def make(channel="C0OPS", **more):
        link = idle.slack.state.new_link(channel, "U0ALICE")
        known = {"kind": "slack", "channel": channel, "user": "U0ALICE"}
        return known | {"response_url": link, "at": idle.slack.clock()} | more

    return make


@pytest.fixture
def tell(idle, place, notice):
    """Deliver one notice of a slot."""

    async def tell(slot, where=None, receipt=None, anchor=None, tried_at=None, **words):
        known = Known(receipt, anchor, tried_at)
        return await idle.deliver.deliver(
            where or place(), notice(slot, **words), known
        )

    return tell
