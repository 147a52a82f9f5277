"""Serve an ASGI application on a real socket of this machine."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import ASGIApp


_PATIENCE = 1.0  # seconds for the answers that are under way at the end


@contextlib.asynccontextmanager
async def serve(
    app: ASGIApp, *, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[str]:
    """Serve `app` while the block runs; yields its base URL. Port 0 takes a free one.

    Started and stopped step by step, because uvicorn's own loop looks only every 0.1 s
    whether it shall stop, and takes over signals.
    """
    listening = socket.create_server((host, port))
    # asyncio sets this only on sockets that name their protocol; without it every
    # answer waits 40 ms for a delayed acknowledgement.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        date_header=False,  # a simulated node has a clock of its own
        timeout_keep_alive=20,  # as Tomcat's
        timeout_graceful_shutdown=1,
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listening])
    try:
        yield f"http://{host}:{listening.getsockname()[1]}"
    finally:
        await _stop(server, listening)


async def _stop(server: uvicorn.Server, listening: socket.socket) -> None:
    """Let go of whoever is connected; uvicorn would wait 0.1 s for that in any case."""
    for it in server.servers:
        it.close()
    listening.close()
    state = server.server_state
    for connection in list(state.connections):
        connection.shutdown()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_PATIENCE):
            while state.connections or state.tasks:  # noqa: ASYNC110  # uvicorn has no event for it
                await asyncio.sleep(0.002)
    for task in state.tasks:
        task.cancel()
    await server.lifespan.shutdown()
