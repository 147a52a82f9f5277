"""The tables from nothing, or from the version before, to this version's."""

import asyncio
import contextlib

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from cryptography.fernet import Fernet
from sqlalchemy import MetaData, event, insert, select

from bot.addresses import engine_url
from desk import tables
from desk.engine import open_engine
from desk.ledger import Ledger
from desk.migrate import _config, is_current, migrate
from desk.outbox import Outbox
from desk.person import Person
from desk.store import Store
from desk.vault import Vault

ALICE = Person(enterprise="", team="T0", user="UALICE")
COMMAND = {
    "id": "abcdefghjk",
    "key": "k1",
    "person": ALICE.model_dump(),
    "person_key": ALICE.key,
    "words": "detach-iso web-01",
    "operation": "DetachIsoFromVmInstance",
    "arguments": {"vm_instance_uuid": "web-01"},
    "step": "follow.1",
    "outcome": "running",
    "due": 1_700_000_030.0,
    "attempts": 0,
    "before": {"uuid": "u1"},
    "memo": {},
    "accepted_at": 1_700_000_000.0,
}
MESSAGE = {
    "id": "m1",
    "command_id": "abcdefghjk",
    "slot": "answer",
    "version": 2,
    "told": 1,
    "receipt": {"ts": "1.2"},
    "attempts": 0,
    "gave_up": False,
    "created_at": 1_700_000_000.0,
}


@contextlib.asynccontextmanager
async def opened(url):
    store = Store(open_engine(engine_url(url)))
    try:
        yield store
    finally:
        await store.engine.dispose()


@pytest.fixture
async def store(empty_url):
    async with opened(empty_url) as made:
        yield made


@pytest.fixture
async def migrated(database_url):
    async with opened(database_url) as made:
        yield made


@pytest.fixture
async def before(store):
    """A database of the version before, with a command under way and its message."""
    vault = Vault([Fernet.generate_key().decode()])

    def make(connection):
        command.upgrade(_config(connection), "0001")
        old = MetaData()
        old.reflect(connection)
        place = vault.seal(COMMAND["id"], {"kind": "slack"})
        row = COMMAND | {"place": place}
        connection.execute(insert(old.tables["command"]).values(row))
        row = MESSAGE | {"place": place, "notice": place}
        connection.execute(insert(old.tables["message"]).values(row))

    async with store.engine.begin() as connection:
        await connection.run_sync(make)
    return Ledger(store, vault, Outbox(store, vault))


async def test_an_empty_database_is_not_current(store):
    assert not await is_current(store)


async def test_a_migrated_database_is_current_also_when_migrated_twice(store):
    await migrate(store)
    await migrate(store)

    assert await is_current(store)


async def test_the_tables_are_those_that_the_code_knows(migrated):
    async with migrated.engine.connect() as connection:
        differences = await connection.run_sync(
            lambda it: compare_metadata(MigrationContext.configure(it), tables.metadata)
        )

    assert differences == []


async def test_what_the_version_before_wrote_is_still_there(store, before):
    await migrate(store)

    (row,) = await before.history()
    assert await is_current(store)
    assert (row.id, row.person, row.place) == (COMMAND["id"], ALICE, {"kind": "slack"})
    assert (row.step, row.due) == ("follow.1", COMMAND["due"])


async def test_a_row_of_the_version_before_can_be_claimed(store, before):
    await migrate(store)

    (row,) = await before.claim(9)
    assert row.key == COMMAND["key"]


async def test_a_message_of_the_version_before_shows_no_progress(store, before):
    await migrate(store)

    async with store.read() as connection:
        (row,) = (await connection.execute(select(tables.message))).mappings()
    assert (row["receipt"], row["is_progress"]) == ({"ts": "1.2"}, False)


async def test_the_way_back_to_the_version_before_keeps_the_rows(store, before):
    await migrate(store)

    async with store.engine.begin() as connection:
        await connection.run_sync(lambda it: command.downgrade(_config(it), "0001"))
    await migrate(store)

    assert len(await before.history()) == 1


async def test_replicas_that_start_together_migrate_once(empty_url):
    made = []
    async with contextlib.AsyncExitStack() as stack:
        stores = [await stack.enter_async_context(opened(empty_url)) for _ in range(5)]
        for store in stores:
            event.listen(
                store.engine.sync_engine,
                "before_cursor_execute",
                lambda *it: (
                    made.append(it[2]) if "CREATE TABLE command" in it[2] else 0
                ),
            )

        await asyncio.gather(*(migrate(store) for store in stores))

        assert len(made) == 1
        assert all([await is_current(store) for store in stores])
