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
