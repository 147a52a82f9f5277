import asyncio
import socket
import struct

import certifi
import httpx
import pytest

from api.client import AT_ONCE, ZStack, connect
from api.errors import UnexpectedReply, Unreachable
from api.operations import (
    AttachIsoToVmInstance,
    DetachIsoFromVmInstance,
    GetVersion,
    QueryVmInstance,
)
from api.query import Op, where

DETACH = DetachIsoFromVmInstance(vm_instance_uuid="42", iso_uuid="7")
ATTACH = AttachIsoToVmInstance(
    vm_instance_uuid="42", iso_uuid="7", system_tags=("x" * 10_000_000,)
)
JOB = "0" * 31 + "1"
IMPATIENT = httpx.Timeout(5, read=0.05, pool=0.05)


async def until_the_body(reader):
    await reader.readuntil(b"\r\n\r\n")


def saying(data):
    """Read a request, say `data`, close."""

    async def converse(reader, writer):
        await until_the_body(reader)
        writer.write(data)
        await writer.drain()

    return converse


async def silent(reader, writer):
    await until_the_body(reader)
    await reader.read()


async def resetting(reader, writer):
    # A linger of zero seconds turns the close into a reset.
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, linger
    )
    await until_the_body(reader)
    writer.transport.abort()


def headed(headers, body=b"{}"):
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n{headers}\r\n\r\n"
    return head.encode() + body


@pytest.fixture
async def pool_of_one():
    limits, timeout = httpx.Limits(max_connections=1), httpx.Timeout(5, pool=0.05)
    async with httpx.AsyncClient(
        limits=limits, timeout=timeout, trust_env=False
    ) as client:
        yield client


async def test_a_refused_connection_was_not_sent(http):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]

    with pytest.raises(Unreachable, match="ConnectError") as caught:
        await ZStack(f"http://127.0.0.1:{port}", http=http).call(DETACH)

    assert not caught.value.sent


async def test_a_write_is_repeated_under_its_job_when_it_was_not_sent(node, http):
    refused = iter([httpx.ConnectError("refused"), httpx.ConnectTimeout("late")])
    jobs = []

    async def refuse_twice(request):
        jobs.append(request.headers["X-Job-UUID"])
        for error in refused:
            raise error

    http.event_hooks = {"request": [refuse_twice]}
    node.script = [(200, {"inventory": {"uuid": "42"}})]

    assert (await ZStack(node.url, http=http).call(DETACH)).uuid == "42"
    assert (len(jobs), len(set(jobs)), len(node.requests)) == (3, 1, 1)


@pytest.mark.parametrize(
    ("converse", "reason"),
    [
        pytest.param(saying(b""), "RemoteProtocolError", id="closed unanswered"),
        pytest.param(saying(b"what?\r\n\r\n"), "RemoteProtocolError", id="not HTTP"),
        pytest.param(
            saying(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"),
            "RemoteProtocolError",
            id="cut off",
        ),
        pytest.param(
            saying(headed("Content-Encoding: gzip", b"not gzip")),
            "DecodingError",
            id="not gzip",
        ),
        pytest.param(resetting, "ReadError", id="reset"),
    ],
)
async def test_a_request_that_went_out_was_sent(listen, http, converse, reason):
    async with listen(converse) as url:
        with pytest.raises(Unreachable, match=reason) as caught:
            await ZStack(url, http=http).submit(DETACH, JOB)

    assert caught.value.sent


async def test_a_request_that_broke_off_in_the_body_may_have_been_read(listen, http):
    async with listen(resetting) as url:
        with pytest.raises(Unreachable) as caught:
            await ZStack(url, http=http).submit(ATTACH, JOB)

    assert caught.value.sent


async def test_a_request_that_nobody_takes_off_the_wire_may_have_been_read(
    listen, http
):
    http.timeout = httpx.Timeout(5, write=0.05)

    async def deaf(reader, writer):
        await until_the_body(reader)
        await writer.wait_closed()

    async with listen(deaf) as url:
        with pytest.raises(Unreachable, match="WriteTimeout") as caught:
            await ZStack(url, http=http).submit(ATTACH, JOB)
        await http.aclose()

    assert caught.value.sent


async def test_a_request_without_an_answer_in_time_was_sent(listen, http):
    http.timeout = IMPATIENT
    async with listen(silent) as url:
        with pytest.raises(Unreachable, match="ReadTimeout") as caught:
            await ZStack(url, http=http).submit(DETACH, JOB)

    assert caught.value.sent


async def test_a_request_that_waits_for_a_connection_was_not_sent(listen, pool_of_one):
    arrived = asyncio.Event()

    async def hold(reader, writer):
        await until_the_body(reader)
        arrived.set()
        await reader.read()

    async with listen(hold) as url, asyncio.TaskGroup() as group:
        first = group.create_task(pool_of_one.get(url))
        await arrived.wait()
        with pytest.raises(Unreachable, match="PoolTimeout") as caught:
            await ZStack(url, http=pool_of_one).submit(DETACH, JOB)
        first.cancel()

    assert not caught.value.sent


async def test_a_question_too_long_for_a_url_was_not_sent(node, http):
    query = QueryVmInstance(conditions=(where("uuid", "x" * 70_000, op=Op.IN),))

    with pytest.raises(Unreachable, match="InvalidURL") as caught:
        await ZStack(node.url, http=http).call(query)

    assert not caught.value.sent


async def test_an_address_without_a_scheme_was_not_sent(http):
    with pytest.raises(Unreachable) as caught:
        await ZStack("mn.example:8080", http=http).submit(DETACH, JOB)

    assert not caught.value.sent


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        pytest.param("Content-Type: text/html; charset=bogus", "é", id="no charset"),
        pytest.param("Content-Type: text/html; charset=hex", "é", id="no text"),
        pytest.param("Content-Type: text/plain; charset=latin-1", "é", id="a lie"),
        pytest.param("X-Nothing: said", "é", id="nothing said"),
    ],
)
async def test_a_reply_is_utf_8_whatever_its_headers_say(listen, http, headers, name):
    body = f'{{"version": "{name}"}}'.encode()

    async with listen(saying(headed(headers, body))) as url:
        assert await ZStack(url, http=http).call(GetVersion()) == name


async def test_bytes_that_are_no_text_are_replaced(listen, http):
    async with listen(saying(headed("A: b", b'{"version": "5\xff"}'))) as url:
        assert await ZStack(url, http=http).call(GetVersion()) == "5\ufffd"


async def test_an_empty_reply_to_a_detach_is_unexpected(listen, http):
    async with listen(saying(headed("A: b", b""))) as url:
        with pytest.raises(UnexpectedReply):
            await ZStack(url, http=http).submit(DETACH, JOB)


async def test_no_more_than_a_pool_of_requests_are_under_way(listen, http):
    answered = asyncio.Event()
    full = asyncio.Event()
    under_way = 0

    async def count(reader, writer):
        nonlocal under_way
        await until_the_body(reader)
        under_way += 1
        if under_way == AT_ONCE:
            full.set()
        await answered.wait()
        writer.write(headed("Connection: close", b'{"version": "5"}'))

    async with listen(count) as url, asyncio.TaskGroup() as group:
        cloud = ZStack(url, http=http)
        for _ in range(AT_ONCE * 2):
            group.create_task(cloud.call(GetVersion()))
        await full.wait()
        assert under_way == AT_ONCE
        answered.set()


async def test_a_server_that_speaks_no_tls_was_not_sent_anything(listen, http):
    async def plain(reader, writer):
        await reader.read(1)
        writer.write(headed("A: b"))

    async with listen(plain) as url:
        secure = ZStack(url.replace("http:", "https:"), http=http)
        with pytest.raises(Unreachable, match="ConnectError") as caught:
            await secure.submit(DETACH, JOB)

    assert not caught.value.sent


def test_an_authority_of_our_own_can_be_named():
    assert connect(ca_file=certifi.where()).follow_redirects is False


def test_an_authority_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError):
        connect(ca_file=str(tmp_path / "no.pem"))
