"""The transcript as a page: what was said, edited and offered."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sandbox.console.plain import lines
from sandbox.slack.controls import controls_of

if TYPE_CHECKING:
    from starlette.requests import Request

    from sandbox.slack import Message, Slack

_SHOWN = 200
_HERE = Path(__file__).parent
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'",
    "Cache-Control": "no-store",
}


def build_page(slack: Slack) -> Starlette:
    """Serve the page of a workspace at `/`."""
    template = _templates(slack).get_template("page.html")

    async def page(request: Request) -> Response:  # noqa: ARG001 -- one page for everyone
        newest_first = slack.transcript.all[: -_SHOWN - 1 : -1]
        return HTMLResponse(template.render(messages=newest_first), headers=_HEADERS)

    static = StaticFiles(directory=_HERE / "static")
    return Starlette(routes=[Route("/", page), Mount("/static", static)])


def _templates(slack: Slack) -> Environment:
    templates = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
    )
    templates.globals["place"] = _Place(slack)
    templates.filters["lines"] = lambda edit: lines(edit, slack.workspace.names)
    templates.filters["controls"] = controls_of
    templates.filters["clock"] = _clock
    return templates


def _clock(at: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at))


class _Place:
    """Says where a message stands and who sees it."""

    def __init__(self, slack: Slack) -> None:
        self._workspace = slack.workspace

    def of(self, message: Message) -> str:
        channel = self._workspace.channels[message.channel]
        if channel.with_user:
            return f"direct message with {self._name(channel.with_user)}"
        return f"#{channel.name}"

    def author(self, message: Message) -> str:
        return self._name(message.author)

    def viewer(self, message: Message) -> str:
        return self._name(message.seen_by)

    def _name(self, user: str) -> str:
        person = self._workspace.people.get(user)
        return user if person is None else person.real_name
