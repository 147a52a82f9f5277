"""The database: one engine, its clock, and a bell that says something was written."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

from sqlalchemy import Float, event, func, literal, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from desk.errors import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from sqlalchemy import ColumnElement


_WRITERS = 10  # transactions side by side on PostgreSQL


class _DatabaseNow(FunctionElement[float]):
    type = Float()
    inherit_cache = True


@compiles(_DatabaseNow, "sqlite")
def _sqlite_now(*_: Any, **__: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(_DatabaseNow, "postgresql")
def _postgresql_now(*_: Any, **__: Any) -> str:
    return "extract(epoch from clock_timestamp())"


def fixed(moment: Callable[[], float]) -> Callable[[], ColumnElement[float]]:
    """Make a clock that tells `moment()`: for tests, which never read the real one."""
    return lambda: literal(moment(), Float())


class Bell:
    """Wakes whoever waits; a ring that nobody heard is kept for the next."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake the one who waits."""
        self._rung.set()

    async def wait(self, seconds: float) -> None:
        """Wait for a ring, `seconds` at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        self._rung.clear()


class Store:
    """Transactions on SQLite or PostgreSQL. `clock` is the database's own by default."""

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        clock: Callable[[], ColumnElement[float]] = _DatabaseNow,
    ) -> None:
        self.engine = engine
        self.now = clock
        self.work = Bell()
        self.mail = Bell()
        # SQLite lets one writer in and makes the others poll for the lock; within a
        # process they queue here instead, in order and without a busy wait.
        is_sqlite = engine.dialect.name == "sqlite"
        self._turn = asyncio.Semaphore(1 if is_sqlite else _WRITERS)

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that is committed at the end; raises StoreUnavailable."""
        with _unavailable():
            async with self._turn, self.engine.begin() as connection:
                yield connection

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that only reads; raises StoreUnavailable."""
        with _unavailable():
            async with self.engine.connect() as connection:
                yield await connection.execution_options(reads_only=True)

    async def time(self) -> float:
        """Tell the database's time, in seconds since the epoch."""
        async with self.read() as connection:
            return float((await connection.execute(select(self.now()))).scalar_one())

    async def is_alive(self) -> bool:
        """Tell whether the database answers."""
        try:
            async with self.read() as connection:
                await connection.execute(select(func.now()))
        except StoreUnavailable:
            return False
        return True


@contextlib.contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except (NoConnection, OSError) as error:  # OSError is asyncpg's way to say it
        raise StoreUnavailable(type(error).__name__) from error
    except DBAPIError as error:
        if _is_ours(error):
            raise
        raise StoreUnavailable(type(error.orig).__name__) from error


def _is_ours(error: DBAPIError) -> bool:
    return type(error).__name__ in {"IntegrityError", "ProgrammingError", "DataError"}


def open_engine(url: str) -> AsyncEngine:
    """Open `sqlite+aiosqlite:///path` (durable, one writer at a time) or PostgreSQL."""
    if not url.startswith("sqlite"):
        return create_async_engine(url, pool_pre_ping=True, hide_parameters=True)
    engine = create_async_engine(url, connect_args={"timeout": 2}, hide_parameters=True)

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        # The driver would open deferred transactions, whose upgrade to a write can
        # fail at once with "locked"; we say ourselves how each one begins.
        connection.isolation_level = None
        cursor = connection.cursor()
        try:
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=2000"):
                cursor.execute(f"PRAGMA {pragma}")
        except BaseException:
            connection.close()  # the pool forgets it, and its thread would stay
            raise
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        reads_only = connection.get_execution_options().get("reads_only")
        connection.execute(text("BEGIN" if reads_only else "BEGIN IMMEDIATE"))

    return engine
