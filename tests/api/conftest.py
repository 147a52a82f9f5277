"""Retries that do not wait, and servers on real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING

import pytest
import stamina

from api.client import ZStack, connect

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable

    Conversation = Callable[
        [asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]
    ]


@pytest.fixture(autouse=True)
def _retries_do_not_wait():
    stamina.set_testing(True, attempts=3, cap=True)
    yield
    stamina.set_testing(False)


@pytest.fixture
async def http():
    async with connect() as client:
        yield client


class Scripted:
    """A server that answers in the order of its script, the last line for ever.

    A line is a status with a text or an object; None closes the connection unanswered.
    """

    def __init__(self) -> None:
        self.script: list[tuple[int, object] | None] = [(200, {})]
        self.headers: dict[str, str] = {}
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []

    @property
    def targets(self) -> list[str]:
        return [f"{method} {target}" for method, target, _, _ in self.requests]

    async def converse(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.requests.append(await read_request(reader))
        line = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if line is not None:
            status, content = line
            writer.write(reply(status, content, self.headers))
            await writer.drain()


async def read_request(
    reader: asyncio.StreamReader,
) -> tuple[str, str, dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    method, target, _ = head[0].split(" ")
    headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return method, target, headers, body


def reply(status: int, content: object, headers: dict[str, str]) -> bytes:
    body = content if isinstance(content, str | bytes) else json.dumps(content)
    body = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


@contextlib.asynccontextmanager
async def listening(
    converse: Conversation, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[str]:
    """Serve one conversation per connection; yields the base URL."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await converse(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=tls)
    host, port = server.sockets[0].getsockname()
    async with server:
        yield f"http{'s' if tls else ''}://{host}:{port}/zstack"


@pytest.fixture
async def node():
    """A scripted management node; its `url` is where it listens."""
    scripted = Scripted()
    async with listening(scripted.converse) as scripted.url:
        yield scripted


@pytest.fixture
def cloud(node, http):
    return ZStack(node.url, http=http)


@pytest.fixture
def listen():
    """Serve raw conversations: `async with listen(converse) as url`."""
    return listening
