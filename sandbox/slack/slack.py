"""A Slack workspace of one's own: people who type and click, and what they see."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from sandbox.server import serve
from sandbox.slack import builder, events
from sandbox.slack.acknowledged import Acknowledged
from sandbox.slack.controls import LEGACY
from sandbox.slack.drafts import Drafts
from sandbox.slack.faults import RateLimit
from sandbox.slack.routes import build_app
from sandbox.slack.sender import Ack, Delivery, Sender
from sandbox.slack.sockets import Sockets
from sandbox.slack.state import State
from sandbox.slack.transcript import Message
from sandbox.slack.workspace import BOT_USER
from sandbox.witness import confide

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.types import ASGIApp

    from sandbox.slack.controls import Control, Option
    from sandbox.slack.state import Call, Completion, View

SIGNING_SECRET = "sandbox-signing-secret"
BOT_TOKEN = "xoxb-sandbox"
APP_TOKEN = "xapp-sandbox"
_RETRIES = 3


class Slack:
    """One workspace with the bot installed; deliveries go to `bot_url`/slack/events.

    In Socket Mode they go down the connections that the bot has opened instead.
    """

    def __init__(
        self,
        *,
        signing_secret: str = SIGNING_SECRET,
        bot_token: str = BOT_TOKEN,
        app_token: str = APP_TOKEN,
        bot_url: str = "http://127.0.0.1:3000",
        socket_mode: bool = False,
        updates_per_minute: int | None = None,
        ack_seconds: float = 3.0,
        patience_seconds: float = 10.0,
    ) -> None:
        self.state = State(
            confide("bot token", bot_token), confide("app token", app_token)
        )
        self.state.updates = RateLimit(updates_per_minute, self.state.clock)
        self.workspace = self.state.workspace
        self.faults = self.state.faults
        self.clock = self.state.clock
        self.transcript = self.state.transcript
        self.drafts = Drafts(self.state, confide("signing secret", signing_secret))
        self.bot_url = bot_url
        self.socket_mode = socket_mode
        self.sockets = Sockets(self.state, ack_seconds)
        self._sender = Sender(ack_seconds, patience_seconds)
        self._acknowledged = Acknowledged(self.state)
        self.app: ASGIApp = build_app(self)

    @contextlib.asynccontextmanager
    async def serve(self, *, port: int = 0) -> AsyncIterator[str]:
        """Serve on a socket of this machine while the block runs; yields the base URL."""
        async with self.sockets.serve(), serve(self.app, port=port) as url:
            self.state.url = url
            yield url

    async def close(self) -> None:
        """Close the connections to the bot; served, this happens by itself."""
        await self._sender.close()

    async def send(self, delivery: Delivery) -> Ack:
        """Send exactly these bytes, and let nobody see how it went."""
        if self.socket_mode:
            return await self.sockets.send(delivery)
        return await self._sender.send(delivery, f"{self.bot_url}/slack/events")

    async def command(
        self, command: str, text: str = "", *, user: str = "alice", channel: str = "ops"
    ) -> Ack:
        """Type a slash command."""
        delivery = self.drafts.command(command, text, user=user, channel=channel)
        ack = await self.send(delivery)
        place = self.workspace.channel(channel)
        person = self.workspace.person(user)
        self._acknowledged.command(ack, f"{command} {text}".strip(), person, place)
        return ack

    async def press(
        self,
        source: Message | View,
        name: str,
        *,
        user: str = "alice",
        typed: dict[str, str] | None = None,
    ) -> Ack:
        """Press the button with this text, action_id or value; `typed` are the fields."""
        control = _only(name, [it for it in source.controls if it.answers_to(name)])
        return await self.click(source, control, user=user, typed=typed)

    async def choose(
        self, source: Message | View, name: str, *, user: str = "alice"
    ) -> Ack:
        """Choose the line of a menu with this text or value."""
        control = _only(name, [it for it in source.controls if it.option(name)])
        return await self.click(source, control, control.option(name), user=user)

    async def search(
        self, source: Message | View, name: str, typed: str, *, user: str = "alice"
    ) -> Ack:
        """Type into a menu that asks the bot for its lines; they are in the answer."""
        control = _only(name, [it for it in source.controls if it.answers_to(name)])
        return await self.send(
            self.drafts.suggestion(source, control, typed, user=user)
        )

    async def click(
        self,
        source: Message | View,
        control: Control,
        option: Option | None = None,
        *,
        user: str = "alice",
        typed: dict[str, str] | None = None,
    ) -> Ack:
        """Press this very button, or choose this very line, searched ones included."""
        ack = await self.send(
            self.drafts.click(source, control, option, user=user, typed=typed)
        )
        label = control.label if option is None else option.label
        person = self.workspace.person(user)
        self._acknowledged.click(ack, label, person, source)
        if control.kind == LEGACY and isinstance(source, Message):
            self._acknowledged.attachment(ack, person, source)
        return ack

    async def submit(self, view: View, answers: dict[str, str]) -> Ack:
        """Fill a modal in by label, block_id or action_id, and submit it."""
        ack = await self.send(self.drafts.submission(view, answers))
        self._acknowledged.submission(ack, view)
        return ack

    async def event(self, inner: dict[str, Any]) -> list[Ack]:
        """Tell the bot of an event, up to four times until it is acknowledged."""
        whole = events.callback(self.state, inner)
        acks = [await self.send(self.drafts.event(whole))]
        for retry in range(1, _RETRIES + 1):
            last = acks[-1]
            if last.is_ok or last.headers.get("x-slack-no-retry") == "1":
                break
            late = last.failure == "operation_timeout"
            reason = "http_timeout" if late else "http_error"
            again = self.drafts.event(whole, retry=retry, reason=reason)
            acks.append(await self.send(again))
        return acks

    async def mention(
        self, text: str, *, user: str = "alice", channel: str = "ops"
    ) -> list[Ack]:
        """Say something to the bot in a channel."""
        person, place = self.workspace.person(user), self.workspace.channel(channel)
        said = self.transcript.post(
            place.id, self._acknowledged.edit(f"<@{BOT_USER}> {text}"), author=person.id
        )
        return await self.event(events.mention(said))

    async def step(self, callback_id: str, inputs: dict[str, Any]) -> list[Ack]:
        """Run a workflow step, as Workflow Builder lets one be filled in."""
        return await self.event(
            events.function_executed(self.state, callback_id, inputs)
        )

    def install(self, manifest: dict[str, Any]) -> None:
        """Take over the workflow steps of an app's manifest."""
        self.state.functions = manifest.get("functions", {})

    async def suggestions(
        self, callback_id: str, field: str, typed: str = ""
    ) -> list[tuple[str, str]]:
        """Type into a menu of Workflow Builder; its lines, told before the acknowledgement."""
        asks, inputs = builder.question(self.state, callback_id, field, typed)
        inner = events.function_executed(self.state, asks, inputs)
        ack = await self.send(self.drafts.event(events.callback(self.state, inner)))
        execution = inner["function_execution_id"]
        return builder.shown(self.state, execution) if ack.is_ok else []

    async def completion(self, within: float = 5.0) -> Completion:
        """Return how the workflow step that was run last says that it ended."""
        last = list(self.state.executions)[-1]

        def is_it(it: Completion) -> bool:
            return it.execution_id == last

        ended = self.state.completions
        return await self.state.completed.first(is_it, ended, within)

    @property
    def calls(self) -> list[Call]:
        """Every Web API call so far."""
        return list(self.state.calls)

    async def view(
        self,
        wanted: Callable[[View], bool] = lambda _: True,
        *,
        user: str = "alice",
        within: float = 5.0,
    ) -> View:
        """Return the first open view of a person that is or becomes what is wanted."""
        person = self.workspace.person(user).id

        def is_it(view: View) -> bool:
            return view.user == person and view.is_open and wanted(view)

        views = reversed(self.state.views.values())
        return await self.state.shown.first(is_it, views, within)

    def messages(self, channel: str = "", *, user: str = "") -> list[Message]:
        """List what stands in a channel, or everywhere: all of it, or what `user` sees."""
        place = self.workspace.channel(channel).id if channel else ""
        viewer = self.workspace.person(user).id if user else ""
        return [
            message
            for message in self.transcript.all
            if not message.deleted
            and place in {"", message.channel}
            and (not viewer or message.seen_by in {"", viewer})
        ]

    async def wait(
        self, wanted: Callable[[Message], bool], within: float = 5.0
    ) -> Message:
        """Return the first message that is, or at any edit becomes, what is wanted."""
        return await self.transcript.wait(wanted, within)


def _only(name: str, controls: list[Control]) -> Control:
    if len(controls) == 1:
        return controls[0]
    found = [f"{it.label} ({it.action_id})" for it in controls]
    message = f"{name!r} should name one control, but names {found or 'none'}"
    raise LookupError(message)
