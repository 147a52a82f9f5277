"""Servers of the stand-ins that can go away and come back where they were."""

import contextlib
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
