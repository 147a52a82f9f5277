"""Servers of the stand-ins that can go away and come back where they were."""

import asyncio
import contextlib
import itertools
import random
import socket

from starlette.responses import Response

from sandbox.server import serve
from sandbox.zstack.encode import gson

_taken = set()


def free_port():
    """A port that is nobody's, and that no outgoing connection takes meanwhile."""
    while True:
        port = random.randrange(12_000, 32_000)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            if port not in _taken:
                _taken.add(port)
                return port


class Place:
    """An application at an address, served or not."""

    def __init__(self, app):
        self.app = app
        self._port = free_port()
        self._serving = contextlib.AsyncExitStack()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._port}"

    async def come_back(self):
        """Serve."""
        await self._serving.enter_async_context(serve(self.app, port=self._port))

    async def leave(self):
        """Refuse every connection."""
        await self._serving.aclose()


class Door:
    """One address before several replicas: who lives takes the next connection."""

    def __init__(self, ports):
        self._ports = itertools.cycle(ports)
        self._all = len(ports)
        self._port = free_port()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._port}"

    @contextlib.asynccontextmanager
    async def serve(self):
        """Let people in while the block runs."""
        server = await asyncio.start_server(self._let_in, "127.0.0.1", self._port)
        try:
            yield self
        finally:
            server.close()

    async def _let_in(self, reader, writer):
        for port in itertools.islice(self._ports, self._all):
            with contextlib.suppress(OSError):
                there = await asyncio.open_connection("127.0.0.1", port)
                await asyncio.gather(_pour(reader, there[1]), _pour(there[0], writer))
                return
        writer.close()


async def _pour(reader, writer):
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


def at_once(node):
    """A node that answers an asynchronous call with its result, as some releases may."""

    async def app(scope, receive, send):
        if scope["type"] != "http" or scope["method"] != "DELETE":
            await node.app(scope, receive, send)
            return

        async def keep_quiet(_):
            pass

        await node.app(scope, receive, keep_quiet)
        job = node.jobs.rows[dict(scope["headers"])[b"x-job-uuid"].decode()]
        await job.ended.wait()
        answer = Response(gson(job.body, node.settings), job.status)
        await answer(scope, receive, send)

    return app
