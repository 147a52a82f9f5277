"""The database: its clock, who is turned away, and the bell."""

import asyncio
import contextlib
import sqlite3
import time

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.ext.asyncio import create_async_engine

from bot.addresses import engine_url
from desk import tables
from desk.engine import open_engine
from desk.errors import StoreUnavailable
from desk.migrate import migrate
from desk.patience import promptly
from desk.store import Bell, Store

FACT = insert(tables.fact).values(name="answer", value=42)
FACTS = select(tables.fact.c.value).where(tables.fact.c.name == "answer")


@contextlib.asynccontextmanager
async def opened(engine):
    store = Store(engine)
    try:
        yield store
    finally:
        await engine.dispose()


@contextlib.contextmanager
def another_writer(path, *, alone: bool = False):
    """Hold the file as another process would; `alone` keeps readers out, too."""
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        if alone:
            other.execute("PRAGMA journal_mode=DELETE")
        other.execute("BEGIN EXCLUSIVE")
        yield


@pytest.fixture
def path(tmp_path):
    return tmp_path / "bot.sqlite3"


@pytest.fixture
async def store(path):
    async with opened(open_engine(f"sqlite+aiosqlite:///{path}")) as made:
        await migrate(made)
        yield made


async def read(store):
    async with store.read() as connection:
        return (await connection.execute(FACTS)).scalars().all()


async def write(store, *statements):
    async with store.write() as connection:
        for statement in statements:
            await connection.execute(statement)


async def test_what_is_written_is_there_after_the_block(store):
    await write(store, FACT)

    assert await read(store) == [42]


async def test_a_second_row_of_one_key_is_our_own_error_and_takes_all_back(store):
    with pytest.raises(IntegrityError):
        await write(store, FACT, FACT)

    assert await read(store) == []


async def test_a_wrong_parameter_is_our_own_error_when_reading(store):
    with pytest.raises(ProgrammingError):
        async with store.read() as connection:
            await connection.exec_driver_sql("SELECT ?, ?", (1,))


async def test_a_write_is_turned_away_while_another_writes(store, path):
    with another_writer(path), pytest.raises(StoreUnavailable, match="OperationalErr"):
        await write(store, FACT)


async def test_reading_goes_on_while_another_writes(store, path):
    with another_writer(path):
        assert await read(store) == []
        assert await store.is_alive()


async def test_a_connection_that_is_cut_off_in_a_question_gives_its_lock_back(store):
    connection = await store.engine.raw_connection()
    driver = connection.driver_connection
    await driver.execute("BEGIN IMMEDIATE")
    unread = await driver.execute("SELECT 1 UNION SELECT 2")

    await driver.close()

    connection.invalidate()
    await write(store, FACT)
    assert unread


async def test_a_read_is_turned_away_while_another_has_the_file_alone(store, path):
    await store.engine.dispose()

    with another_writer(path, alone=True), pytest.raises(StoreUnavailable):
        await read(store)


async def test_a_file_that_is_no_database_is_unavailable(path):
    path.write_bytes(b"not a database" * 100)

    async with opened(open_engine(f"sqlite+aiosqlite:///{path}")) as store:
        assert not await store.is_alive()
        with pytest.raises(StoreUnavailable):
            await read(store)


@pytest.mark.parametrize("way", [read, write])
async def test_a_pool_with_no_connection_left_is_unavailable(path, way):
    url, few = f"sqlite+aiosqlite:///{path}", {"pool_size": 1, "max_overflow": 0}

    engine = create_async_engine(url, **few, pool_timeout=0)
    async with opened(engine) as store, store.read():
        with pytest.raises(StoreUnavailable, match="TimeoutError"):
            await way(store)


async def test_a_store_that_answers_is_alive(store):
    assert await store.is_alive()


async def test_moments_are_plain_numbers(database_url):
    engine = open_engine(engine_url(database_url))
    async with opened(engine) as store, store.read() as connection:
        moment = (await connection.execute(select(store.now()))).scalar()

    assert type(moment) is float
    assert moment == pytest.approx(time.time(), abs=60)


async def test_time_is_told_by_the_database(store):
    async with store.read() as connection:
        asked = await connection.execute(text("SELECT strftime('%s') + 0.0"))

    assert await store.time() == pytest.approx(asked.scalar_one(), abs=60)


async def test_writes_are_durable_and_do_not_stop_reads(store):
    async with store.read() as connection:
        mode = await connection.execute(text("PRAGMA journal_mode"))
        synchronous = await connection.execute(text("PRAGMA synchronous"))

    assert (mode.scalar(), synchronous.scalar()) == ("wal", 2)


async def test_postgresql_tells_the_time_of_the_moment_not_of_the_transaction():
    async with opened(open_engine("postgresql+asyncpg://bot@database/bot")) as store:
        words = select(store.now()).compile(dialect=postgresql.dialect())

    assert "clock_timestamp()" in str(words)


async def test_what_somebody_waits_for_is_written_before_the_rest(store):
    written = []

    async def note(who):
        async with store.write():
            written.append(who)

    async with store.write():
        others = [asyncio.create_task(note(who)) for who in ("one", "two", "three")]
        await asyncio.sleep(0)
        person = asyncio.create_task(promptly(note)("a person"))
        await asyncio.sleep(0)
    await asyncio.gather(*others, person)

    assert written == ["one", "a person", "two", "three"]


async def test_a_ring_that_nobody_heard_is_kept():
    bell = Bell()
    bell.ring()

    await bell.wait(60)


async def test_a_bell_that_nobody_rings_is_waited_for_no_longer_than_said():
    bell = Bell()
    bell.ring()
    await bell.wait(60)

    await bell.wait(0)
