"""From a request to its reply: synchronous calls, jobs accepted, jobs asked for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from sandbox.zstack.encode import gson
from sandbox.zstack.errors import PlainError
from sandbox.zstack.request import read_call
from sandbox.zstack.routes import find

if TYPE_CHECKING:
    from sandbox.zstack.api import Call
    from sandbox.zstack.faults import Fault
    from sandbox.zstack.log import Received
    from sandbox.zstack.node import Node
    from sandbox.zstack.request import Request

_JOBS = "/api-jobs/"
# Spring maps no other method (protocol.md 1.1).
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE"})


async def dispatch(
    node: Node, request: Request, received: Received, fault: Fault | None
) -> Response:
    """Answer a request as the node does when it is well."""
    if request.method not in _METHODS:
        raise PlainError(405, f"Request method '{request.method}' not supported")
    if request.path.startswith(_JOBS):
        return _job(node, request)
    api, variables = find(request.method, request.path, request.body)
    call = read_call(node, api, variables, request)
    session = node.sessions.find(call.token)
    received.account = session.account.name if session else None
    if api.is_sync:
        return await _answer(call, fault)
    return await _accept(call, request, fault)


async def _answer(call: Call, fault: Fault | None) -> Response:
    status, body = await call.node.answer(call, fault)
    return _json(call.node, status, body)


async def _accept(call: Call, request: Request, fault: Fault | None) -> Response:
    node = call.node
    timeout = _timeout_ms(request, node.settings.api_timeout_seconds)
    await asyncio.sleep(node.settings.save_seconds)
    work = node.submit(call, request.headers.get("x-web-hook"), fault)
    if node.settings.web_hook == "early":
        await work
    where = f"http://{node.settings.management_address}/zstack/v1{_JOBS}{call.job_uuid}"
    announced = timeout if node.settings.announce_timeout else None
    return _json(node, 202, {"location": where, "apiTimeout": announced})


def _timeout_ms(request: Request, default: float) -> int:
    text = request.headers.get("x-api-timeout")
    if text is None:
        return int(default * 1000)
    if not text.isdecimal():
        raise PlainError(500, f'java.lang.NumberFormatException: For input "{text}"')
    return int(text) * 1000  # the header counts seconds (protocol.md 1.3)


def _job(node: Node, request: Request) -> Response:
    """Answer a poll. It needs no session: whoever knows the uuid sees the result."""
    if request.method != "GET":
        raise PlainError(405, "the api-jobs only supports GET")
    job = node.jobs.rows.get(request.path.removeprefix(_JOBS))
    if not job:
        raise PlainError(404, "the job has been expired")
    return _json(node, job.status, job.body)


def _json(node: Node, status: int, body: dict[str, Any]) -> Response:
    # Without a Content-Type: the server never sets one (protocol.md 1.3).
    return Response(gson(body, node.settings), status)
