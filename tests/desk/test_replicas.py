"""Two replicas on one PostgreSQL take work side by side, and take over from each other."""

import asyncio

import pytest
from sqlalchemy import text, update

from desk import engine, tables, waking
from desk.command import Next
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


async def test_a_row_that_just_began_to_wait_for_a_person_is_not_woken(pair, rows):
    first, second = pair
    table, now = tables.command, first.store.now
    waiter = table.c.id == rows[1].id
    in_line = {"resource_uuid": "vm", "step": "turn.1", "due": now() + 100}
    ahead = rows[0].model_copy(update={"resource_uuid": "vm"})
    async with first.store.write() as connection:
        await connection.execute(update(table).where(waiter).values(in_line))

    async def give_turn_away():
        async with first.store.write() as connection:
            await waking.wake_next(connection, first.store, ahead)

    async with second.store.write() as connection:
        asks = {"step": "login.1", "due": now() + 900}
        await connection.execute(update(table).where(waiter).values(asks))
        waking_it = asyncio.create_task(give_turn_away())
        await stuck(first)
    await waking_it

    row = await first.ledger.by_id(rows[1].id)
    assert (row.step, row.due) == ("login.1", rows[1].due + 900)


async def test_one_takes_the_turn_while_another_gives_it_away_and_both_go_on(
    pair, rows
):
    first, second = pair
    giver, taker, *_ = await first.ledger.claim(20)
    giver = giver.model_copy(update={"resource_uuid": "vm", "step": "follow.1"})
    taker = taker.model_copy(update={"resource_uuid": "vm", "step": "turn.1"})
    table = tables.command
    async with first.store.write() as connection:
        for row, turn in ((giver, "vm"), (taker, None)):
            values = {"resource_uuid": "vm", "step": row.step, "turn": turn}
            changed = update(table).where(table.c.id == row.id).values(values)
            await connection.execute(changed)

    async with second.store.write() as connection:
        await connection.execute(TOUCH.where(table.c.id == taker.id))
        took = Next("picture.1", changes={"turn": "vm"})
        taking = asyncio.create_task(first.ledger.commit(taker, took))
        await stuck(first)
        giving = asyncio.create_task(second.ledger.commit(giver, Next("done.1")))
        await stuck(first, 2)
    await asyncio.gather(taking, giving)

    ended, waiting = [await first.ledger.by_id(it.id) for it in (giver, taker)]
    assert (ended.step, waiting.step) == ("done.1", "turn.1")
    assert waiting.due <= await first.store.time()


async def stuck(desk, count=1):
    """Wait until so many wait for a lock."""
    query = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    async with asyncio.timeout(5):
        while True:
            async with desk.store.read() as connection:
                if (await connection.execute(query)).scalar() >= count:
                    return
