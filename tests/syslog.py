"""Syslog servers on real sockets that keep what they were told."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@dataclass
class Listener:
    """A server: `messages` are what it took, `deaf` breaks off without reading."""

    address: str = ""
    messages: list[bytes] = field(default_factory=list)
    deaf: bool = False
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def rows(self) -> list[dict[str, Any]]:
        return [json.loads(it.split(b" ", 7)[7]) for it in self.messages]

    @property
    def numbers(self) -> list[int]:
        return [row["number"] for row in self.rows]

    async def until(self, count: int) -> None:
        """Wait for so many messages."""
        async with asyncio.timeout(20):
            while len(self.messages) < count:
                self.heard.clear()
                await self.heard.wait()

    def take(self, message: bytes) -> None:
        self.messages.append(message)
        self.heard.set()

    async def read(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Read a connection as RFC 6587 frames it."""
        if self.deaf:
            writer.transport.abort()
            return
        with contextlib.suppress(asyncio.IncompleteReadError):
            while length := await reader.readuntil(b" "):
                self.take(await reader.readexactly(int(length)))
        writer.write(b"thanks\n")  # none has to say something, but may
        writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def datagram_received(self, data: bytes, _: Any) -> None:
        self._listener.take(data)


@contextlib.asynccontextmanager
async def tcp(port: int = 0) -> AsyncIterator[Listener]:
    made = Listener()
    async with await asyncio.start_server(made.read, "127.0.0.1", port) as server:
        made.address = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield made


@contextlib.asynccontextmanager
async def datagrams(path: Path | None = None) -> AsyncIterator[Listener]:
    """By UDP, or at a local socket."""
    made = Listener()
    bound = socket.socket(socket.AF_UNIX if path else socket.AF_INET, socket.SOCK_DGRAM)
    bound.bind(str(path) if path else ("127.0.0.1", 0))
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: _Datagrams(made), sock=bound
    )
    made.address = str(path) if path else f"udp://127.0.0.1:{bound.getsockname()[1]}"
    yield made
    transport.close()
