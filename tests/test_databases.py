"""The databases that the other tests are given."""

import pytest
from sqlalchemy import select

from bot.addresses import database_fault, engine_url
from desk import tables
from desk.engine import open_engine
from desk.migrate import is_current
from desk.store import Store


@pytest.fixture
async def store(database_url):
    made = Store(open_engine(engine_url(database_url)))
    yield made
    await made.engine.dispose()


def test_their_addresses_can_be_set(database_url):
    assert database_fault(database_url) is None


async def test_they_have_the_tables_of_this_version_and_no_row(store):
    async with store.read() as connection:
        rows = (await connection.execute(select(tables.command))).all()

    assert await is_current(store)
    assert rows == []
