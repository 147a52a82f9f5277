import asyncio
from dataclasses import dataclass, field

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

from sandbox.server import serve
from sandbox.slack import Slack


@dataclass
class Bot:
    """Answers every delivery with `answer`, and keeps what came."""

    answer: object = ""
    status: int = 200
    headers: dict = field(default_factory=dict)
    came: list = field(default_factory=list)
    hold: asyncio.Event | None = None

    async def __call__(self, request):
        self.came.append((dict(request.headers), await request.body()))
        if self.hold is not None:
            await self.hold.wait()
        kind = PlainTextResponse if isinstance(self.answer, str) else JSONResponse
        return kind(self.answer, self.status, headers=self.headers)

    def beside(self, slack):
        """Serve the bot and Slack on one socket."""

        async def endpoint(request):
            return await self(request)

        app = Starlette(routes=[Route("/slack/events", endpoint, methods=["POST"])])

        async def both(scope, receive, send):
            is_ours = scope["type"] == "http" and scope["path"].startswith("/slack/")
            await (app if is_ours else slack.app)(scope, receive, send)

        return serve(both)


@pytest.fixture
def bot():
    return Bot()


@pytest.fixture
async def slack(bot):
    slack = Slack()
    async with bot.beside(slack) as url:
        slack.bot_url = slack.state.url = url
        yield slack


@pytest.fixture
async def api(slack):
    headers = {"Authorization": "Bearer xoxb-sandbox"}
    base = f"{slack.state.url}/api/"
    async with httpx.AsyncClient(base_url=base, headers=headers) as client:

        async def call(method, **arguments):
            return (await client.post(method, json=arguments)).json()

        call.http = client
        yield call


def button(text="Undo", action_id="offer:1", **more):
    label = {"type": "plain_text", "text": text}
    return {"type": "button", "text": label, "action_id": action_id, **more}


def menu(*options, kind="static_select", action_id="pick"):
    lines = [
        {"text": {"type": "plain_text", "text": text}, "value": value}
        for text, value in options
    ]
    return {"type": kind, "action_id": action_id, "options": lines}


def actions(*elements):
    return {"type": "actions", "block_id": "offers", "elements": list(elements)}


def modal(*blocks, title="Detach", **more):
    text = {"type": "plain_text", "text": title}
    return {
        "type": "modal",
        "title": text,
        "submit": text,
        "blocks": list(blocks),
    } | more


def question(label="VM", action_id="vm"):
    return {
        "type": "input",
        "block_id": f"ask-{action_id}",
        "label": {"type": "plain_text", "text": label},
        "element": {"type": "plain_text_input", "action_id": action_id},
    }


@pytest.fixture
def blocks():
    class Made:
        button = staticmethod(button)
        menu = staticmethod(menu)
        actions = staticmethod(actions)
        modal = staticmethod(modal)
        question = staticmethod(question)

    return Made
