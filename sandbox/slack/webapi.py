"""`/api/<method>`: check the token, misbehave if asked to, call the method."""

from __future__ import annotations

import asyncio
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, PlainTextResponse, Response

from sandbox.slack import chat, conversations, people, sockets, steps, views
from sandbox.slack.arguments import Arguments, read_arguments
from sandbox.slack.connection import HangUp
from sandbox.slack.errors import Refusal
from sandbox.slack.faults import refuse_if
from sandbox.slack.methods import METHODS, Method
from sandbox.slack.state import Call

if TYPE_CHECKING:
    from starlette.requests import Request

    from sandbox.slack.faults import Fault
    from sandbox.slack.state import State

HOMES = (
    chat,
    conversations,
    people,
    sockets,
    steps,
    views,
)  # importing them registers methods


_OF_APPS = {"apps.connections.open"}


class WebApi:
    """The Web API of one workspace."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def __call__(self, request: Request) -> Response:
        """Answer one call."""
        name = request.path_params["method"]
        fault = self._state.faults.take(name)
        early = await misbehave(fault)
        if early is not None:
            return early
        wait = self._state.updates.wait() if name == "chat.update" else 0
        if wait:
            return rate_limited(wait)
        answer = await self._answer(name, request, fault)
        drops = fault is not None and fault.kind == "drop_after"
        return HangUp() if drops else JSONResponse(answer)

    async def _answer(
        self, name: str, request: Request, fault: Fault | None
    ) -> dict[str, Any]:
        arguments = Arguments({})
        try:
            arguments = await read_arguments(request)
            token = self._token(name, request, arguments)
            arguments = replace(arguments, token=token)
            refuse_if(fault)
            answer = {"ok": True, **_find(name)(self._state, arguments)}
        except Refusal as refusal:
            answer = {"ok": False, "error": refusal.error, **refusal.more}
        call = Call(name, arguments.values, answer, self._state.clock())
        self._state.calls.append(call)
        return answer

    def _token(self, name: str, request: Request, arguments: Arguments) -> str:
        header = request.headers.get("authorization", "")
        token = header.removeprefix("Bearer ") or arguments.text("token")
        if not token:
            raise Refusal(because="not_authed")
        bots = {self._state.bot_token, *self._state.step_tokens}
        apps = {self._state.app_token}
        if token not in bots | apps:
            raise Refusal(because="invalid_auth")
        if token not in (apps if name in _OF_APPS else bots):
            raise Refusal(because="not_allowed_token_type")
        return token


def _find(name: str) -> Method:
    if name not in METHODS:
        raise Refusal(because="unknown_method", req_method=name)
    return METHODS[name]


async def misbehave(fault: Fault | None) -> Response | None:
    """Answer wrongly before anything has happened; None lets the call go on."""
    if fault is None:
        return None
    match fault.kind:
        case "rate_limited":
            return rate_limited(fault.seconds)
        case "server_error":
            return PlainTextResponse("Internal Server Error", 500)
        case "drop_before":
            return HangUp()
        case "slow":
            await asyncio.sleep(fault.seconds)
    return None


def rate_limited(seconds: float) -> Response:
    """Answer 429 as Slack does: whole seconds in Retry-After."""
    body = {"ok": False, "error": "ratelimited"}
    return JSONResponse(body, 429, headers={"Retry-After": str(math.ceil(seconds))})
