"""A wire to PostgreSQL that can be cut: at a word, on the way there or on the way back."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@dataclass
class Wire:
    """One direction of all connections; what comes while it is cut is kept."""

    whole: asyncio.Event = field(default_factory=asyncio.Event)

    async def carry(self, data: bytes, writer: asyncio.StreamWriter) -> None:
        await self.whole.wait()
        writer.write(data)
        await writer.drain()


@dataclass
class Proxy:
    """Stands between a bot and the server's socket; new connections come in always."""

    socket: Path
    database: str
    port: int = 0
    there: Wire = field(default_factory=Wire)
    back: Wire = field(default_factory=Wire)
    was_cut: asyncio.Event = field(default_factory=asyncio.Event)
    _before: bytes = b""
    _after: bytes = b""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        """The DATABASE_URL by way of this."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{self.database}"

    def cut(self) -> None:
        """Carry nothing more in either direction."""
        self.there.whole.clear()
        self.back.whole.clear()
        self.was_cut.set()

    def cut_before(self, words: bytes) -> None:
        """Cut as soon as a client says `words`, which do not arrive."""
        self._before = words

    def cut_after(self, words: bytes) -> None:
        """Cut as soon as a client says `words`: they arrive, the answer does not."""
        self._after = words

    def mend(self) -> None:
        """Carry everything again, and what was kept."""
        self._before = self._after = b""
        self.there.whole.set()
        self.back.whole.set()

    async def hang_up(self) -> None:
        """End every connection, as a server does that dies."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @contextlib.asynccontextmanager
    async def serve(self) -> AsyncIterator[Proxy]:
        """Take connections until the end."""
        self.mend()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            await self.hang_up()

    async def _connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        from_server, to_server = await asyncio.open_unix_connection(self.socket)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._questions(reader, to_server))
                group.create_task(self._answers(from_server, writer))
        except* (OSError, asyncio.CancelledError):
            pass  # one of the two hung up, or we; asyncio wants no cancelled callback
        finally:
            to_server.close()
            writer.close()

    async def _questions(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while data := await reader.read(65536):
            if self._before and self._before in data:
                self.cut()
            await self.there.carry(data, writer)
            if self._after and self._after in data:
                self.cut()
        writer.close()

    async def _answers(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while data := await reader.read(65536):
            await self.back.carry(data, writer)
        writer.close()
