"""The routes of the stand-in: Slack's own, and `/sandbox/…` to steer it from outside."""

from __future__ import annotations

import contextlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.slack.connection import WithTransport
from sandbox.slack.faults import Fault
from sandbox.slack.links import Links
from sandbox.slack.webapi import WebApi

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from sandbox.slack.sender import Ack
    from sandbox.slack.slack import Slack
    from sandbox.slack.state import View
    from sandbox.slack.transcript import Message


def build_app(slack: Slack) -> ASGIApp:
    """Put the routes together."""
    steering = Steering(slack)
    verbs = ["GET", "POST"]
    routes = [
        Route("/api/{method}", _endpoint(WebApi(slack.state)), methods=verbs),
        Route("/response/{token}", _endpoint(Links(slack.state)), methods=["POST"]),
        Route("/sandbox/transcript", steering.transcript),
        Route("/sandbox/workspace", steering.workspace),
        Route("/sandbox/deliver", steering.deliver, methods=["POST"]),
        Route("/sandbox/faults", steering.faults, methods=["POST", "DELETE"]),
    ]

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await slack.close()

    return WithTransport(Starlette(routes=routes, lifespan=lifespan))


def _endpoint(answer: WebApi | Links) -> Any:
    # Starlette takes an object with __call__ for an ASGI application; a function is a view.
    async def endpoint(request: Request) -> Response:
        return await answer(request)

    return endpoint


def transcript_json(slack: Slack) -> dict[str, Any]:
    """Write everything that was said, and done, as JSON."""
    return {
        "messages": [_message_json(slack, it) for it in slack.transcript.all],
        "sent": [asdict(it) for it in slack.state.sent],
        "views": [asdict(it) for it in slack.state.views.values()],
        "completions": [asdict(it) for it in slack.state.completions],
    }


def _message_json(slack: Slack, message: Message) -> dict[str, Any]:
    controls = [
        {
            "kind": it.kind,
            "label": it.label,
            "action_id": it.action_id,
            "value": it.value,
        }
        | {"url": it.url, "options": [asdict(option) for option in it.options]}
        for it in message.controls
    ]
    return asdict(message) | {
        "channel_name": slack.workspace.channels[message.channel].name,
        "outcome": message.outcome,
        "controls": controls,
    }


class Steering:
    """What other processes use to look at the workspace and act in it."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack

    async def transcript(self, request: Request) -> Response:  # noqa: ARG002 -- always all of it
        """Show every message with every edit."""
        return JSONResponse(transcript_json(self._slack))

    async def workspace(self, request: Request) -> Response:  # noqa: ARG002 -- there is one
        """Show who and what is there."""
        workspace = self._slack.workspace
        channels = [
            asdict(it) | {"members": sorted(it.members)}
            for it in workspace.channels.values()
        ]
        people = [asdict(it) for it in workspace.people.values()]
        return JSONResponse(
            {"team": workspace.team, "people": people, "channels": channels}
        )

    async def deliver(self, request: Request) -> Response:
        """Type, press, choose or submit for somebody; answers with the acknowledgement."""
        try:
            ack = await self._act(json.loads(await request.body()))
        except (ValueError, LookupError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse(asdict(ack))

    async def faults(self, request: Request) -> Response:
        """Plan misbehaviour (POST one fault or a list), or plan none (DELETE)."""
        if request.method == "DELETE":
            self._slack.faults.clear()
            return JSONResponse({"ok": True})
        try:
            asked = json.loads(await request.body())
            planned = [
                Fault(**it) for it in (asked if isinstance(asked, list) else [asked])
            ]
        except (ValueError, TypeError) as error:
            return JSONResponse({"error": str(error)}, 400)
        for fault in planned:
            self._slack.faults.add(fault)
        return JSONResponse({"ok": True})

    async def _act(self, asked: dict[str, Any]) -> Ack:
        if not isinstance(asked, dict):
            wrong = "what to do is an object"
            raise TypeError(wrong)
        slack, user = self._slack, asked.get("user", "alice")
        if "command" in asked:
            channel, text = asked.get("channel", "ops"), asked.get("text", "")
            return await slack.command(
                asked["command"], text, user=user, channel=channel
            )
        if "event" in asked:
            return (await slack.event(asked["event"]))[-1]
        if "submit" in asked:
            return await slack.submit(
                slack.state.views[asked["submit"]], asked["answers"]
            )
        source = self._source(asked)
        if "choose" in asked:
            return await slack.choose(source, asked["choose"], user=user)
        return await slack.press(source, asked["press"], user=user)

    def _source(self, asked: dict[str, Any]) -> Message | View:
        if "view" in asked:
            return self._slack.state.views[asked["view"]]
        message = self._slack.transcript.find(asked["channel"], asked["ts"])
        if message is None:
            missing = "there is no such message"
            raise LookupError(missing)
        return message
