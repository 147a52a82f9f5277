"""Every row of the audit reaches the syslog server, in order, whatever fails."""

import asyncio
import json
import re
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from desk import audit, copies
from desk.chain import Link
from desk.copies import Copies
from desk.policy import Policy
from handlers.syslog import line, send
from tests.desk.conftest import TICK
from tests.syslog import datagrams, tcp

NOBODY = "tcp://127.0.0.1:9"
HEAD = r"<110>1 2023-11-14T22:1\d:\d\d\.\d{6}\+00:00 \S+ zstack-chatops - audit - "


def copying(bench, address, *, sends=send):
    """One process that copies to `address`."""
    policy = Policy.model_validate({"audit": {"syslog": address}})
    return Copies(bench.desk.store, lambda: policy, sends)


async def happen(bench, count=1):
    """Let something be recorded."""
    async with bench.desk.store.write() as connection:
        for number in range(count):
            await audit.record(connection, bench.desk.store, {"n": number})
    bench.clock.now += TICK


async def test_without_a_server_nothing_is_sent(bench):
    await happen(bench)

    await Copies(bench.desk.store, Policy, send).catch_up()


@pytest.mark.parametrize("kind", ["tcp", "udp", "a local socket"])
async def test_a_command_is_told_in_the_words_of_the_audit_by(bench, kind, tmp_path):
    await bench.detach("web-01")
    kinds = {
        "tcp": tcp,
        "udp": datagrams,
        "a local socket": lambda: datagrams(tmp_path / "log"),
    }
    async with kinds[kind]() as server:
        await copying(bench, server.address).catch_up()
        await server.until(2)

    rows = [link.line async for link in audit.links(bench.desk.store)]
    assert [json.dumps(it, separators=(",", ":")) for it in server.rows] == rows
    assert re.match(HEAD, server.messages[0].decode())


async def test_each_row_is_told_once_also_after_a_restart(bench):
    async with tcp() as server:
        await happen(bench, 3)
        await copying(bench, server.address).catch_up()
        await happen(bench, 2)
        again = copying(bench, server.address)
        await again.catch_up()
        await again.catch_up()

    assert server.numbers == [1, 2, 3, 4, 5]


async def test_more_than_a_page_is_told_in_order(bench):
    await happen(bench, 205)

    async with tcp() as server:
        await copying(bench, server.address).catch_up()

    assert server.numbers == [*range(1, 206)]


@pytest.mark.parametrize("address", [NOBODY, "udp://127.0.0.1:9", "/nowhere/log"])
async def test_what_happens_while_the_server_is_away_is_told_later(bench, address):
    await happen(bench, 2)
    with capture_logs() as said:
        away = copying(bench, address)
        await away.catch_up()
        await away.catch_up()
    bench.clock.now += copies.LEASE + 1

    async with tcp() as server:
        await copying(bench, server.address).catch_up()

    assert server.numbers == [1, 2]
    assert [it["event"] for it in said] == ["audit_copy_waits"]


async def test_what_the_server_broke_off_is_told_again(bench):
    await happen(bench, 2)
    async with tcp() as server:
        server.deaf = True
        copy = copying(bench, server.address)
        with capture_logs() as said:
            await copy.catch_up()
            server.deaf = False
            await copy.catch_up()

    assert server.numbers == [1, 2]
    assert [it["event"] for it in said] == ["audit_copy_waits", "audit_copy_goes_on"]


async def test_a_server_that_never_answers_is_given_up_on_in_time(bench, monkeypatch):
    monkeypatch.setattr(copies, "_SECONDS", 0.1)
    await happen(bench)

    async def never(_server, _links):
        await asyncio.Event().wait()

    with capture_logs() as said:
        await copying(bench, NOBODY, sends=never).catch_up()

    assert said[0]["reason"] == "TimeoutError"


async def test_who_died_before_it_wrote_down_what_it_sent_leaves_it_to_the_next(bench):
    await happen(bench, 2)
    async with tcp() as server:

        async def dies(to, links):
            await send(to, links)
            raise asyncio.CancelledError

        with pytest.raises(asyncio.CancelledError):
            await copying(bench, server.address, sends=dies).catch_up()
        following = copying(bench, server.address)
        await following.catch_up()
        early = server.numbers
        bench.clock.now += copies.LEASE + 1
        await following.catch_up()

    assert early == [1, 2]  # the one that died may live: nobody else sends yet
    assert server.numbers == [1, 2, 1, 2]


async def test_of_several_replicas_one_sends(bench):
    await happen(bench, 5)
    async with tcp() as server:
        replicas = [copying(bench, server.address) for _ in range(4)]
        await asyncio.gather(*(it.catch_up() for it in replicas))

    assert server.numbers == [1, 2, 3, 4, 5]


async def test_who_was_stopped_for_long_takes_nothing_back(bench):
    await happen(bench, 2)
    async with tcp() as server:
        other = copying(bench, server.address)

        async def slow(_to, _links):
            bench.clock.now += copies.LEASE + 1
            await other.catch_up()
            await happen(bench)
            await other.catch_up()

        await copying(bench, server.address, sends=slow).catch_up()
        await other.catch_up()

    assert server.numbers == [1, 2, 3]


async def test_a_row_that_no_datagram_holds_is_told_by_its_hash(bench):
    async with bench.desk.store.write() as connection:
        await audit.record(connection, bench.desk.store, {"words": "x" * 70_000})
    async with datagrams() as server:
        await copying(bench, server.address).catch_up()
        await server.until(1)

    (row,) = server.rows
    last = (await audit.verify(bench.desk.store)).last
    assert (row["number"], row["hash"]) == (1, last.hash)
    assert "audit export has it" in row["left_out"]


async def test_a_server_with_a_port_that_is_unknown_says_so(bench):
    await happen(bench)
    policy = Policy.model_validate({"audit": {"syslog": "udp://[::1]:9"}})
    desk = replace(bench.desk, policy=lambda: policy)

    with capture_logs() as said:
        await Copies(desk.store, desk.policy, send).catch_up()

    assert said[0]["server"] == "::1:9"


@pytest.mark.parametrize("at", [float("inf"), 1e300])
def test_a_row_that_somebody_tampered_with_is_told_as_it_stands(at):
    told = line(Link(1, at, "no JSON}", "f"))

    assert told.startswith(b"<110>1 - ")
    assert told.endswith(b' - audit - no JSON,"hash":"f"}')
