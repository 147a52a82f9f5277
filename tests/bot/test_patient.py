"""A connection on which no request comes is closed; one with a request is not."""

import asyncio
import contextlib
import socket

import pytest
import uvicorn

from bot import patient
from bot.patient import Patient

ASK = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
SLOW = b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n"


async def app(scope, receive, send):
    if scope["type"] == "http":
        await asyncio.sleep(0.3 if scope["path"] == "/slow" else 0)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})


@pytest.fixture
async def talk(monkeypatch):
    """Open a connection to a server with little patience."""
    monkeypatch.setattr(patient, "FIRST", 0.1)
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, http=Patient, log_config=None, timeout_keep_alive=1, lifespan="off"
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listening])
    async with contextlib.AsyncExitStack() as stack:

        async def connect():
            reader, writer = await asyncio.open_connection(*listening.getsockname())
            stack.callback(writer.close)
            return reader, writer

        yield connect
    for it in server.servers:
        it.close()


async def ended(reader):
    return await asyncio.wait_for(reader.read(), 5)


@pytest.mark.parametrize("begun", [b"", ASK[:-2]], ids=["nothing", "half a head"])
async def test_a_first_request_that_does_not_come_is_not_waited_for(talk, begun):
    reader, writer = await talk()
    writer.write(begun)

    assert await ended(reader) == b""


@pytest.mark.parametrize("begun", [b"", ASK[:-2]], ids=["nothing", "half a head"])
async def test_nor_is_a_second_one(talk, begun):
    reader, writer = await talk()
    writer.write(ASK)
    assert b"204" in await reader.readuntil(b"\r\n\r\n")
    writer.write(begun)

    assert await ended(reader) == b""


async def test_a_request_that_takes_long_is_answered(talk):
    reader, writer = await talk()
    writer.write(SLOW)

    assert b"204" in await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
