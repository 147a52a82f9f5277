"""The node's face to the network: an ASGI application that also plays the faults."""

from __future__ import annotations

import asyncio
from datetime import UTC
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote

from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from sandbox.witness import confide
from sandbox.zstack.control import control
from sandbox.zstack.dispatch import dispatch
from sandbox.zstack.errors import PlainError
from sandbox.zstack.log import Received
from sandbox.zstack.request import Request, ignored
from sandbox.zstack.routes import find

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from sandbox.zstack.faults import Fault
    from sandbox.zstack.node import Node

_BASE = "/zstack/v1"
_PROXY_PAGE = "<html><body><h1>503 Service Unavailable</h1></body></html>"


class Front:
    """The ASGI application of a node."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._control = control(node)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the REST API under `/zstack/v1`, the controls everywhere else."""
        if scope["type"] != "http" or not scope["path"].startswith(_BASE):
            await self._control(scope, receive, send)
            return
        http = HttpRequest(scope, receive)
        request = Request(
            method=http.method,
            path=unquote(http.url.path.removeprefix(_BASE)),
            query=http.query_params.multi_items(),
            headers=http.headers,
            body=await http.body(),
        )
        response = await self._respond(request)
        if response:
            now = self._node.now().astimezone(UTC)
            response.headers["Date"] = format_datetime(now, usegmt=True)
            await response(scope, receive, send)
        else:
            await _hang_up(receive, send)

    async def _respond(self, request: Request) -> Response | None:
        """Answer a request; None means to hang up on the caller."""
        received = self._receive(request)
        fault = self._node.faults.take(request.method, request.path, received.api)
        if not fault:
            return await self._process(request, received, None)
        received.fault = fault.kind
        match fault.kind:
            case "drop":
                return None
            case "error":
                return PlainTextResponse("java.lang.RuntimeException", 500)
            case "proxy":
                return HTMLResponse(_PROXY_PAGE, 503)
            case "slow":
                await asyncio.sleep(fault.seconds)
        reply = await self._process(request, received, fault)
        return await _spoil(reply, fault)

    def _receive(self, request: Request) -> Received:
        received = Received(
            method=request.method,
            path=request.path,
            query=request.query,
            job_uuid=request.job_uuid and confide("job uuid", request.job_uuid),
        )
        try:
            api, _ = find(request.method, request.path, request.body)
        except PlainError:
            pass
        else:
            received.api = api.name
            received.ignored = ignored(api, request)
        self._node.log.received.append(received)
        return received

    async def _process(
        self, request: Request, received: Received, fault: Fault | None
    ) -> Response:
        try:
            return await dispatch(self._node, request, received, fault)
        except PlainError as error:
            return PlainTextResponse(error.text, error.status)


async def _spoil(reply: Response, fault: Fault) -> Response | None:
    match fault.kind:
        case "drop-reply":
            return None
        case "proxy-reply":
            return HTMLResponse(_PROXY_PAGE, 503)
        case "slow-reply":
            await asyncio.sleep(fault.seconds)
    return reply


async def _hang_up(receive: Receive, send: Send) -> None:
    """Close the caller's TCP connection without a byte of reply.

    ASGI has no word for this, so it goes to uvicorn's transport, which `send` is bound to.
    """
    send.__self__.transport.abort()  # type: ignore[attr-defined]  # ASGI types it as any callable
    await receive()
