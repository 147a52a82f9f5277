"""Replicas on PostgreSQL wake each other; where they cannot, it is said why."""

import asyncio
import contextlib

import pytest
from structlog.testing import capture_logs

from bot.addresses import engine_url
from desk import listener
from desk.engine import open_engine
from desk.listener import Hearing, Listener
from desk.store import CHANNEL, Store


@contextlib.asynccontextmanager
async def opened(url):
    store = Store(open_engine(engine_url(url)))
    yield store
    await store.engine.dispose()


@pytest.fixture(autouse=True)
def _hurry(monkeypatch):
    monkeypatch.setattr(listener, "_ECHO", 0.3)
    monkeypatch.setattr(listener, "_RETRY", 0.01)
    monkeypatch.setattr(listener, "_CHECK", 0.01)


@pytest.fixture
async def replica(postgres_url):
    """Another replica, which only writes."""
    async with opened(postgres_url) as store:
        yield store


@pytest.fixture
async def store(postgres_url):
    async with opened(postgres_url) as made:
        yield made


@pytest.fixture
async def listening(store):
    """A replica that listens; what it logs."""
    with capture_logs() as logs:
        task = asyncio.create_task(Listener(store).run())
        await logged(logs, Hearing.WORKS)
        yield logs
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def logged(logs, said, times=1):
    async with asyncio.timeout(10):
        while [it["said"] for it in logs].count(said) < times:  # noqa: ASYNC110  # a log has no event
            await asyncio.sleep(0.01)


async def rung(bell):
    """Wait until a bell has rung."""
    assert await bell.wait(10)


async def test_what_another_replica_writes_rings_here(store, replica, listening):
    async with replica.write(replica.mail):
        pass

    await rung(store.mail)
    assert not await store.work.wait(0)


async def test_two_bells_are_rung_by_one_transaction(store, replica, listening):
    async with replica.write(replica.work, replica.mail):
        pass

    await rung(store.work)
    await rung(store.mail)


async def test_what_is_taken_back_rings_nowhere(store, replica, listening):
    with pytest.raises(LookupError):
        async with replica.write(replica.work):
            raise LookupError

    async with replica.write(replica.mail):
        pass
    await rung(store.mail)
    assert not await store.work.wait(0)


async def test_a_bell_of_a_newer_version_is_not_known(
    store, replica, listening, notify
):
    await notify("0000 gong mail")

    await rung(store.mail)


@pytest.fixture
def notify(postgres, postgres_name):
    async def send(words):
        statement = f"SELECT pg_notify('{CHANNEL}', '{words}')"
        await postgres._do((statement,), postgres_name)

    return send


async def test_its_own_writing_is_not_heard_again(store, replica, listening, notify):
    await notify(f"{store.token} work")
    await notify("0000 mail")

    await rung(store.mail)
    assert not await store.work.wait(0)


async def test_a_connection_that_is_lost_is_made_anew(
    store, replica, listening, postgres, postgres_name
):
    others = "datname = current_database() AND pid != pg_backend_pid()"
    out = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"
    await postgres._do((out,), postgres_name)
    await logged(listening, Hearing.WORKS, times=2)

    async with replica.write(replica.mail):
        pass

    await rung(store.mail)


async def test_a_transaction_pooler_is_named(pooled_url):
    async with opened(pooled_url) as store:
        with capture_logs() as logs:
            pause = await Listener(store)._listen()

    assert pause == listener._AGAIN
    assert logs == [
        {"event": "listen", "log_level": "warning", "said": str(Hearing.POOLED)}
    ]


async def test_what_is_not_heard_for_another_reason_is_said(store):
    async with store.engine.connect() as connection:
        ear = (await connection.get_raw_connection()).driver_connection

        assert await Listener(store)._hearing(ear) is Hearing.DEAF


async def test_a_look_says_that_it_works(store):
    assert await Listener(store).look() is Hearing.WORKS


async def test_a_look_at_a_server_that_does_not_answer_says_that_nothing_comes(proxy):
    proxy.cut()

    async with opened(proxy.url) as store:
        assert await Listener(store).look() is Hearing.DEAF
    proxy.mend()


async def test_that_it_works_is_said_once(store, replica, listening):
    for _ in range(3):
        async with replica.write(replica.mail):
            pass
        await rung(store.mail)
        await store.mail.wait(0)

    assert [line["said"] for line in listening] == [Hearing.WORKS]


async def test_on_sqlite_there_is_nothing_to_hear(sqlite_url):
    async with opened(sqlite_url) as store:
        await Listener(store).run()
