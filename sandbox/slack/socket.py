"""One WebSocket to the bot, and what can go wrong with it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import struct
import time
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType

from sandbox.slack import envelopes
from sandbox.slack.sender import Ack

if TYPE_CHECKING:
    from aiohttp import web

_OK = 200


class Socket:
    """A connection as Slack's end sees it."""

    def __init__(self, ws: web.WebSocketResponse, transport: asyncio.Transport) -> None:
        self._ws = ws
        self._transport = transport
        self._asked: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self.is_leaving = False
        self.is_silent = False
        self.acknowledged: list[dict[str, Any]] = []
        """Every frame that the bot sent, in order."""
        self.ended = asyncio.Event()

    @property
    def is_open(self) -> bool:
        """Whether something can still be sent down it."""
        return not (self._ws.closed or self.is_leaving or self.ended.is_set())

    async def hello(self, connections: int) -> None:
        """Say that the connection is made."""
        await self._ws.send_json(envelopes.hello(connections))

    async def read(self) -> None:
        """Take acknowledgements and answer pings until the connection ends."""
        try:
            async for frame in self._ws:
                if frame.type is WSMsgType.PING and not self.is_silent:
                    await self._ws.pong(frame.data)
                if frame.type is WSMsgType.TEXT:
                    self._take(json.loads(frame.data))
        finally:
            self.ended.set()
            for asked in self._asked.values():
                if not asked.done():
                    asked.set_exception(ConnectionResetError())

    def _take(self, said: dict[str, Any]) -> None:
        self.acknowledged.append(said)
        asked = self._asked.get(said["envelope_id"])
        if asked and not asked.done():
            asked.set_result(said)

    async def ask(self, envelope: dict[str, Any], within: float) -> Ack:
        """Send an envelope and wait for its acknowledgement."""
        answer = asyncio.get_running_loop().create_future()
        self._asked[envelope["envelope_id"]] = answer
        begun = time.perf_counter()
        try:
            await self._ws.send_json(envelope)
            said = await asyncio.wait_for(answer, within)
        except TimeoutError:
            return _failed(begun, "operation_timeout")
        except ConnectionError:
            return _failed(begun, "dispatch_failed")
        finally:
            del self._asked[envelope["envelope_id"]]
        body = json.dumps(said["payload"]) if said.get("payload") else ""
        return Ack(_OK, body, time.perf_counter() - begun)

    async def ping(self) -> None:
        """Send the ping that Slack sends every few seconds."""
        if self.is_open and not self.is_silent:
            await self._ws.ping(b"Ping from applink-1")

    async def disconnect(self, reason: str) -> None:
        """Announce the end; nothing new is sent after that."""
        self.is_leaving = True
        with contextlib.suppress(ConnectionError):  # it has ended by itself
            await self._ws.send_json(envelopes.disconnect(reason))

    async def close(self) -> None:
        """Close in good order."""
        self.is_leaving = True
        await self._ws.close()

    def go_silent(self) -> None:
        """Send nothing any more, pongs included, and still take everything."""
        self.is_silent = True

    def swallow(self) -> None:
        """Be half-open: send as ever, and take what the bot sends into the void."""
        self._transport.pause_reading()

    def cut(self) -> None:
        """Drop the connection as a failing network does."""
        self.is_leaving = True
        self._transport.abort()

    def cut_within(self, envelope: dict[str, Any]) -> None:
        """Drop the connection when half of an envelope is sent."""
        self.is_leaving = True
        body = json.dumps(envelope).encode()
        head = b"\x81\x7f" + struct.pack("!Q", len(body))  # one text frame, RFC 6455
        self._transport.write(head + body[: len(body) // 2])
        self._transport.close()


def _failed(begun: float, failure: str) -> Ack:
    return Ack(0, "", time.perf_counter() - begun, failure)
