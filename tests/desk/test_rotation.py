"""Keys that are rotated, and keys that are lost."""

import asyncio
import contextlib

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import Text, func, select

from desk import rotation, tables
from desk.notice import Outcome
from desk.rotation import rotate, sealed_columns, survey
from desk.vault import Vault
from tests.desk.conftest import ALICE, KEY, open_desk

NEW = Fernet.generate_key().decode()


@pytest.fixture
async def restarted(bench):
    """Start the bot again with other keys."""

    async with contextlib.AsyncExitStack() as stack:

        async def restart(*keys):
            url = bench.desk.cloud.url.removesuffix("/zstack")
            database, clock, people = bench.database_url, bench.clock, bench.people
            fresh = open_desk(database, url, clock, people, keys=keys)
            bench.desk = await stack.enter_async_context(fresh)

        yield restart


async def full(bench):
    """Something in every sealed column."""
    row = await bench.accept("DetachIsoFromVmInstance", vm_instance_uuid="web-01")
    row = await bench.settle(row, until="send.1")
    await bench.settle(await bench.accept("login", key="login"))
    return row


def test_every_column_that_holds_something_sealed_is_declared():
    named = {
        f"{table.name}.{it.name}"
        for table, its in sealed_columns().items()
        for it in its
    }

    assert named >= {
        "command.place",
        "command.job_sealed",
        "message.place",
        "message.notice",
        "session.sealed",
        "ticket.place",
    }


async def test_no_sealed_value_stands_in_a_column_that_is_not_declared(bench):
    await full(bench)

    stray = []
    declared = sealed_columns()
    async with bench.desk.store.read() as connection:
        for table in tables.metadata.sorted_tables:
            for column in table.columns:
                if column in declared.get(table, []) or not isinstance(
                    column.type, Text
                ):
                    continue
                query = select(func.count()).where(column.like("gAAAAA%"))
                stray += [str(column)] * (await connection.execute(query)).scalar()
    assert stray == []


async def test_everything_is_sealed_anew_and_opens_without_the_old_key(
    bench, restarted
):
    row = await full(bench)
    await restarted(NEW, KEY)

    counts = await rotate(bench.desk.store, bench.desk.vault)

    assert counts["old"] >= 6
    assert counts["lost"] == 0
    await restarted(NEW)
    assert (await survey(bench.desk.store, bench.desk.vault)).keys() == {"new"}
    assert await bench.desk.sessions.get(ALICE)
    assert (await bench.settle(row)).outcome is Outcome.SUCCEEDED


async def test_a_second_time_finds_nothing_to_do(bench, restarted):
    await full(bench)
    await restarted(NEW, KEY)
    first = await rotate(bench.desk.store, bench.desk.vault)

    second = await rotate(bench.desk.store, bench.desk.vault)

    assert (second["old"], second["new"]) == (0, first["old"])


async def test_it_is_stopped_half_way_and_goes_on(bench, restarted, monkeypatch):
    await full(bench)
    monkeypatch.setattr(rotation, "AT_ONCE", 1)
    await restarted(NEW, KEY)
    both, calls = bench.desk.vault, 0

    class Stopped(Exception):
        pass

    class Breaking(Vault):
        def renewed(self, sealed):
            nonlocal calls
            calls += 1
            if calls > 3:
                raise Stopped
            return super().renewed(sealed)

    with pytest.raises(Stopped):
        await rotate(bench.desk.store, Breaking([NEW, KEY]))
    half = await survey(bench.desk.store, both)
    counts = await rotate(bench.desk.store, both)

    assert half["new"] > 0 < half["old"]
    assert counts["old"] == half["old"]
    assert (await survey(bench.desk.store, both)).keys() == {"new"}


async def test_what_a_bot_writes_meanwhile_is_not_overwritten(bench, restarted):
    await restarted(NEW, KEY)
    rows = [await bench.accept("whoami", key=str(number)) for number in range(20)]

    await asyncio.gather(
        rotate(bench.desk.store, bench.desk.vault),
        *(bench.desk.ledger.cancel(row) for row in rows),
    )

    assert [(await bench.settle(row)).outcome for row in rows] == [Outcome.REFUSED] * 20


async def test_a_lost_key_means_logged_out_and_nothing_worse(bench, restarted):
    await full(bench)
    await restarted(NEW)

    counts = await rotate(bench.desk.store, bench.desk.vault)

    assert counts["lost"] == counts.total() - counts["none"]
    assert await bench.desk.sessions.get(ALICE) is None
    row = await bench.detach("web-02", key="later")
    assert row.step == "login.1"


@pytest.mark.parametrize(
    ("step", "outcome"), [("send.1", Outcome.FAILED), ("follow.1", Outcome.UNKNOWN)]
)
async def test_a_command_whose_job_cannot_be_opened_ends_plainly(
    bench, restarted, step, outcome
):
    row = await bench.accept("DetachIsoFromVmInstance", vm_instance_uuid="web-01")
    await bench.settle(row, until=step)
    await bench.node.idle()
    await restarted(NEW)
    await bench.log_in()

    row = await bench.settle(row)

    assert row.outcome is outcome
    assert "was begun under a key that SECRET_KEYS lacks" in bench.told.last.title
