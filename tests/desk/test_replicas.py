"""Two replicas on one PostgreSQL take work side by side, and take over from each other."""

import asyncio

import pytest
from sqlalchemy import update

from desk import engine, tables
from desk.request import Request
from tests.desk.conftest import ALICE, PLACE, Clock, People, open_desk

TOUCH = update(tables.command).values(attempts=1)


@pytest.fixture
async def pair(postgres_url, proxy, url, monkeypatch):
    """Two desks on one database; the wire of the second can be cut."""
    monkeypatch.setattr(engine, "_ABANDONED", 1)
    clock, people = Clock(), People()
    async with (
        open_desk(postgres_url, url, clock, people) as first,
        open_desk(proxy.url, url, clock, people) as second,
    ):
        yield first, second
        proxy.mend()


@pytest.fixture
async def rows(pair):
    """Twenty commands that are due."""
    made = []
    for number in range(20):
        request = Request(
            key=f"k{number}",
            operation="whoami",
            arguments={},
            words="whoami",
            person=ALICE,
            place=PLACE,
        )
        made.append((await pair[0].ledger.accept(request))[0])
    return made


async def test_no_row_is_claimed_by_both(pair, rows):
    claims = (desk.ledger.claim(4) for _ in range(4) for desk in pair)

    claimed = await asyncio.gather(*claims)

    keys = [row.key for found in claimed for row in found]
    assert len(keys) == len(set(keys))


async def test_a_row_that_another_is_writing_is_not_waited_for(pair, rows):
    first, second = pair
    async with second.store.write() as connection:
        await connection.execute(TOUCH.where(tables.command.c.id == rows[0].id))

        claimed = await first.ledger.claim(20)

    assert {row.id for row in claimed} == {row.id for row in rows[1:]}


async def test_a_replica_that_is_cut_off_in_a_transaction_lets_go_of_its_rows(
    pair, rows, proxy
):
    first, second = pair
    async with second.store.engine.connect() as connection:
        await connection.execute(TOUCH)
        proxy.cut()

        async with asyncio.timeout(5):
            while not (claimed := await first.ledger.claim(20)):  # noqa: ASYNC110  # the server acts
                await asyncio.sleep(0.05)

        assert len(claimed) == len(rows)
        proxy.mend()
        await connection.invalidate()
