"""One Socket Mode connection: read, watched, and left when its work is acknowledged.

Our own, because the client of Slack's library takes envelopes without bound, closes before
it opens again, and may stay deaf for hours (libraries.md).
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from aiohttp import ClientError, ClientWSTimeout, WSMsgType

from handlers.slack import counters
from handlers.slack.envelopes import Disconnect, Envelope, Hello, acknowledgement, read
from handlers.slack.links import NotConnected, ended

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp import ClientSession, ClientWebSocketResponse, WSMessage
    from slack_bolt import BoltResponse

    Dispatch = Callable[[Envelope], Awaitable[BoltResponse]]

log = structlog.get_logger()


@dataclass(frozen=True)
class Patience:
    """Seconds. Slack pings every few of them, so that silence is a broken line."""

    connect: float = 10.0  # until hello
    ping: float = 5.0  # between two of our pings
    pong: float = 12.0  # without an answer to them
    silence: float = 30.0  # without anything else; as in Slack's own client
    send: float = 3.0  # for an acknowledgement: later nobody waits for it
    drain: float = 5.0  # for what is under way at the end
    close: float = 1.0  # for the other end to agree


async def connect(
    session: ClientSession, url: str, dispatch: Dispatch, patience: Patience
) -> Socket:
    """Connect and wait for hello; raises NotConnected."""
    try:
        async with asyncio.timeout(patience.connect):
            ws = await session.ws_connect(
                url,
                autoping=False,  # to see what comes
                timeout=ClientWSTimeout(ws_close=patience.close),
            )
            try:
                await _hello(ws)
            except BaseException:
                await ws.close()
                raise
    except (ClientError, ConnectionError) as error:
        raise NotConnected(_name(error)) from None
    except TimeoutError:
        message = "Slack did not say hello in time"
        raise NotConnected(message) from None
    return Socket(ws, dispatch, patience)


async def _hello(ws: ClientWebSocketResponse) -> None:
    async for frame in ws:
        if frame.type is WSMsgType.TEXT:
            match read(frame.data):
                case Hello():
                    return
                case Disconnect(reason):
                    raise ended(reason)
    message = "Slack closed the connection at once"
    raise NotConnected(message)


def _name(error: Exception) -> str:
    """Never the text of it, which may hold the address."""
    return f"the connection to Slack failed ({type(error).__name__})"


class Socket:
    """A connection that Slack said hello on; `leaving` is set when another is needed."""

    def __init__(
        self, ws: ClientWebSocketResponse, dispatch: Dispatch, patience: Patience
    ) -> None:
        self._ws = ws
        self._dispatch = dispatch
        self._patience = patience
        self._taking: set[asyncio.Task[None]] = set()
        self.leaving = asyncio.Event()
        self.reason = "closed"
        """Why it leaves, in a word."""
        self._reading = asyncio.create_task(self._read_until_it_ends())

    @property
    def is_up(self) -> bool:
        """Whether envelopes can still come down it."""
        return not self._reading.done()

    async def ended(self, within: float) -> None:
        """Wait until the other end is gone, `within` seconds at most."""
        await asyncio.wait({self._reading}, timeout=within)

    async def leave(self) -> None:
        """Take nothing more, acknowledge what is under way, then close."""
        self._reading.cancel()
        await asyncio.wait({self._reading})
        if self._taking:
            await asyncio.wait(self._taking, timeout=self._patience.drain)
        await self._close()

    async def _close(self) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience.close):
                await self._ws.close()

    async def _read_until_it_ends(self) -> None:
        beating = asyncio.create_task(self._beat())
        try:
            await self._read()
        finally:
            beating.cancel()
            self.leaving.set()
        await self._close()

    async def _read(self) -> None:
        patience, time = self._patience, asyncio.get_running_loop().time
        silence, pong = (
            asyncio.timeout(patience.silence),
            asyncio.timeout(patience.pong),
        )
        try:
            async with silence, pong:
                async for frame in self._ws:
                    if frame.type is WSMsgType.PONG:
                        pong.reschedule(time() + patience.pong)
                    else:
                        silence.reschedule(time() + patience.silence)
                        await self._heed(frame)
        except TimeoutError:
            self.reason = "no_pong" if pong.expired() else "silent"

    async def _heed(self, frame: WSMessage) -> None:
        if frame.type is WSMsgType.PING:
            with contextlib.suppress(ConnectionError):  # the next frame is the end
                await self._ws.pong(frame.data)
        elif frame.type is WSMsgType.TEXT:
            self._read_text(frame.data)

    def _read_text(self, text: str) -> None:
        match read(text):
            case Envelope() as envelope:
                self._begin(envelope)
            case Disconnect(reason):
                self.reason = reason
                self.leaving.set()
            case None:
                log.warning("frame_not_understood")

    async def _beat(self) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                await self._ws.ping()
                await asyncio.sleep(self._patience.ping)

    def _begin(self, envelope: Envelope) -> None:
        counters.came(envelope)
        task = asyncio.create_task(self._take(envelope))
        self._taking.add(task)  # a task that nothing holds may vanish
        task.add_done_callback(self._taking.discard)

    async def _take(self, envelope: Envelope) -> None:
        """Acknowledge when what has to be written is written, or not at all."""
        answer = await self._dispatch(envelope)
        text = acknowledgement(envelope, answer)
        if text is None:
            counters.ended(envelope, "left")
            log.warning("envelope_not_acknowledged", status=answer.status)
            return
        try:
            async with asyncio.timeout(self._patience.send):
                await self._ws.send_str(text)
        except (ConnectionError, TimeoutError):
            counters.ended(envelope, "lost")
            log.warning("acknowledgement_lost", type=envelope.kind)
            return
        counters.ended(envelope, "acknowledged")
