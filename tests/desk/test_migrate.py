"""The tables from nothing to this version's."""

import pytest
from sqlalchemy import inspect

from desk import tables
from desk.engine import open_engine
from desk.migrate import is_current, migrate
from desk.store import Store


@pytest.fixture
async def store(tmp_path):
    made = Store(open_engine(f"sqlite+aiosqlite:///{tmp_path}/bot.sqlite3"))
    yield made
    await made.engine.dispose()


async def look(store, see):
    async with store.engine.connect() as connection:
        return await connection.run_sync(lambda bound: see(inspect(bound)))


async def test_an_empty_database_is_not_current(store):
    assert not await is_current(store)


async def test_a_migrated_database_is_current_also_when_migrated_twice(store):
    await migrate(store)
    await migrate(store)

    assert await is_current(store)


async def test_the_tables_are_those_that_the_code_knows(store):
    await migrate(store)

    found = await look(store, lambda seen: seen.get_table_names())
    assert set(found) == {*tables.metadata.tables, "alembic_version"}


@pytest.mark.parametrize("table", tables.metadata.sorted_tables, ids=str)
async def test_the_columns_are_those_that_the_code_knows(store, table):
    await migrate(store)

    found = await look(store, lambda seen: seen.get_columns(table.name))
    assert [(one["name"], str(one["type"]), one["nullable"]) for one in found] == [
        (one.name, str(one.type), bool(one.nullable)) for one in table.columns
    ]


@pytest.mark.parametrize("table", tables.metadata.sorted_tables, ids=str)
async def test_the_indexes_are_those_that_the_code_knows(store, table):
    await migrate(store)

    found = await look(store, lambda seen: seen.get_indexes(table.name))
    assert {one["name"] for one in found} == {one.name for one in table.indexes}
