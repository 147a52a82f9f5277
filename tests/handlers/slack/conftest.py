import asyncio
from urllib.parse import urlsplit

import pytest


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
