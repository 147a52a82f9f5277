"""Socket Mode: links to connect by, the connections there are, and deliveries over them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox.slack import envelopes
from sandbox.slack.methods import method
from sandbox.slack.sender import Ack, Delivery
from sandbox.slack.socket import Socket
from sandbox.slack.waiting import Waiting
from sandbox.slack.workspace import APP_ID

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from sandbox.slack.arguments import Arguments
    from sandbox.slack.state import State

MOST = 10  # connections of one app (platform.md §1)


@method("apps.connections.open")
def open_link(state: State, arguments: Arguments) -> dict[str, Any]:  # noqa: ARG001 -- it takes none
    """Give out an address that is good for one connection."""
    ticket = state.new_id("T")
    state.tickets.add(ticket)
    return {"url": f"{state.socket_url}/link/?ticket={ticket}&app_id={APP_ID}"}


class Sockets:
    """The connections of one bot, or of its replicas."""

    def __init__(
        self, state: State, ack_seconds: float, *, ping_seconds: float = 5.0
    ) -> None:
        self._state = state
        self.ack_seconds = ack_seconds
        self.ping_seconds = ping_seconds
        self.all: list[Socket] = []
        self.unanswered: list[dict[str, Any]] = []
        """Envelopes that were sent and not acknowledged."""
        self.shakes_hands = True
        self.says_hello = True
        self.hangs_up = False
        self.is_disabled = False
        self._turn = 0
        self._changes: Waiting[Sockets] = Waiting()

    @property
    def open(self) -> list[Socket]:
        """The connections that something can be sent down."""
        return [it for it in self.all if it.is_open]

    async def connected(self, count: int = 1, within: float = 5.0) -> list[Socket]:
        """Wait until exactly so many are open."""
        await self.until(lambda it: len(it.open) == count, within)
        return self.open

    async def until(
        self, wanted: Callable[[Sockets], bool], within: float = 5.0
    ) -> None:
        """Wait until the connections are as wanted."""
        await self._changes.first(wanted, [self], within)

    async def send(self, delivery: Delivery) -> Ack:
        """Send what would be posted, down one connection, whichever has its turn."""
        return await self.deliver(envelopes.envelope(delivery))

    async def deliver(self, envelope: dict[str, Any]) -> Ack:
        """Send an envelope; without an acknowledgement it is kept to be sent again."""
        if not self.open:
            return Ack(0, "", 0.0, "dispatch_failed")
        self._turn += 1
        chosen = self.open[self._turn % len(self.open)]
        ack = await chosen.ask(envelope, self.ack_seconds)
        if ack.failure:
            self.unanswered.append(envelope)
        return ack

    async def redeliver(self) -> list[Ack]:
        """Send again what was not acknowledged."""
        again, self.unanswered = self.unanswered, []
        return [await self.deliver(_repeated(it)) for it in again]

    async def insist(self, delivery: Delivery, within: float = 20.0) -> Ack:
        """Send until it is acknowledged, down whatever connection there is by then."""
        envelope = envelopes.envelope(delivery)
        async with asyncio.timeout(within):
            while True:
                await self.until(lambda it: bool(it.open), within)
                ack = await self.deliver(envelope)
                if not ack.failure:
                    return ack
                if envelope in self.unanswered:
                    self.unanswered.remove(envelope)
                envelope = _repeated(envelope)

    async def disable(self) -> None:
        """Switch Socket Mode off in the app's settings."""
        self.is_disabled = True
        for it in self.open:
            await it.disconnect("link_disabled")
            await it.close()

    @contextlib.asynccontextmanager
    async def serve(self) -> AsyncIterator[None]:
        """Take connections while the block runs."""
        app = web.Application()
        app.router.add_get("/link/", self._link)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        listening = socket.create_server(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        await web.SockSite(runner, listening).start()
        self._state.socket_url = f"ws://127.0.0.1:{port}"
        pinging = asyncio.create_task(self._ping())
        try:
            yield
        finally:
            pinging.cancel()
            for it in self.all:
                it.cut()
            await runner.cleanup()

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(self.ping_seconds)
            for it in self.open:
                with contextlib.suppress(ConnectionError):
                    await it.ping()

    async def _link(self, request: web.Request) -> web.StreamResponse:
        transport: Any = request.transport
        if not self.shakes_hands:
            await asyncio.Event().wait()  # until whoever connects gives up
        ticket = request.query.get("ticket", "")
        if ticket not in self._state.tickets:
            return web.Response(status=403)
        self._state.tickets.discard(ticket)
        ws = web.WebSocketResponse(autoping=False, timeout=0.1)
        await ws.prepare(request)
        if self.hangs_up:
            await ws.ping()
            await ws.send_json({})
            await ws.close()
            return ws
        refusal = self._refusal()
        if refusal:
            await ws.send_json(envelopes.disconnect(refusal))
            await ws.close()
            return ws
        await self._keep(Socket(ws, transport))
        return ws

    def _refusal(self) -> str:
        if self.is_disabled:
            return "link_disabled"
        return "too_many_websockets" if len(self.open) >= MOST else ""

    async def _keep(self, made: Socket) -> None:
        if self.says_hello:
            await made.hello(len(self.open) + 1)
            self.all.append(made)
            self._changes.tell(self)
        try:
            await made.read()
        finally:
            self._changes.tell(self)


def _repeated(envelope: dict[str, Any]) -> dict[str, Any]:
    attempt = envelope.get("retry_attempt", 0) + 1
    return envelope | {"retry_attempt": attempt, "retry_reason": "timeout"}
