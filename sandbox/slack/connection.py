"""Hang up on a client without an answer, as a failing network does."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_TRANSPORT = "sandbox.transport"


class WithTransport:
    """Let the application reach the socket's transport, which ASGI does not offer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Note the transport, then go on."""
        if inspect.ismethod(send):  # uvicorn passes a method of its request cycle
            scope[_TRANSPORT] = getattr(send.__self__, "transport", None)
        await self._app(scope, receive, send)


class HangUp(Response):
    """Close the TCP connection instead of answering."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 -- nothing is sent
        """Abort, and wait until the server has noticed."""
        scope[_TRANSPORT].abort()
        while (await receive())["type"] != "http.disconnect":
            pass
