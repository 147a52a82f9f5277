"""`/response/<token>`: the response_url of a command or a click."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse, Response

from sandbox.slack.arguments import Arguments, read_arguments
from sandbox.slack.connection import HangUp
from sandbox.slack.errors import Refusal
from sandbox.slack.faults import RESPONSE_URL, refuse_if
from sandbox.slack.state import LINK_SECONDS, LINK_USES, Link
from sandbox.slack.webapi import misbehave
from sandbox.slack.workspace import BOT_USER

if TYPE_CHECKING:
    from starlette.requests import Request

    from sandbox.slack.state import State


class Links:
    """The response URLs of one workspace."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def __call__(self, request: Request) -> Response:
        """Take one answer: a new message, or an edit of what was clicked."""
        fault = self._state.faults.take(RESPONSE_URL)
        early = await misbehave(fault)
        if early is not None:
            return early
        try:
            refuse_if(fault)
            link = self._usable(request.path_params["token"])
            self._follow(link, await read_arguments(request))
        except Refusal as refusal:
            gone = refusal.error in {"used_url", "expired_url", "no_service"}
            return PlainTextResponse(refusal.error, 404 if gone else 400)
        if fault is not None and fault.kind == "drop_after":
            return HangUp()
        return PlainTextResponse("ok")

    def _usable(self, token: str) -> Link:
        link = self._state.links.get(token)
        if link is None:
            raise Refusal(because="no_service")
        if self._state.clock() - link.born > LINK_SECONDS:
            raise Refusal(because="expired_url")
        if link.uses >= LINK_USES:
            raise Refusal(because="used_url")
        return link

    def _follow(self, link: Link, arguments: Arguments) -> None:
        # The link of a slash command cannot touch what it posted: it has no source.
        source = link.source
        if source is not None and arguments.flag("delete_original"):
            self._state.transcript.delete(source)
        elif source is not None and arguments.flag("replace_original"):
            given = arguments.edit(self._state.clock())
            metadata = given.metadata or source.last.metadata
            self._state.transcript.edit(source, replace(given, metadata=metadata))
        else:
            self._post(link, arguments)
        link.uses += 1

    def _post(self, link: Link, arguments: Arguments) -> None:
        public = arguments.text("response_type") == "in_channel"
        self._state.transcript.post(
            link.channel,
            arguments.edit(self._state.clock()),
            author=BOT_USER,
            thread_ts=arguments.text("thread_ts"),
            seen_by="" if public else link.user,
        )
