"""Transactions, the database's clock, and bells that say something was written."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Float, bindparam, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from desk.errors import NotConfirmed, StoreUnavailable
from desk.patience import is_awaited, promptly, seal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Hashable

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

CHANNEL = "zstack_chatops"  # of the notifications that replicas wake each other by
SOON = 0.03  # seconds; whoever has just begun or ended something goes on first
LONGEST = 5.0  # seconds that a transaction may take
_WRITERS = 10  # transactions side by side on PostgreSQL
_FAULTS = (NoConnection, DBAPIError, OSError)  # OSError is asyncpg's way to say it


class _DatabaseNow(FunctionElement[float]):
    type = Float()
    inherit_cache = True


@compiles(_DatabaseNow, "sqlite")
def _sqlite_now(*_: Any, **__: Any) -> str:
    return "((julianday('now') - 2440587.5) * 86400.0)"


@compiles(_DatabaseNow, "postgresql")
def _postgresql_now(*_: Any, **__: Any) -> str:
    return "CAST(extract(epoch FROM clock_timestamp()) AS DOUBLE PRECISION)"


def fixed(moment: Callable[[], float]) -> Callable[[], ColumnElement[float]]:
    """Make a clock that tells `moment()`: for tests, which never read the real one.

    It is read when a statement is carried out, as the database's own is.
    """
    return lambda: bindparam(None, callable_=moment, type_=Float(), unique=True)


Statement = TypeVar("Statement")

_OUR_STATES = ("22", "23", "42")  # SQLSTATE: data, constraint, syntax


class Bell:
    """Wakes whoever waits; a ring that nobody heard is kept for the next."""

    def __init__(self, name: str = "") -> None:
        self.name = name
        self._woken = asyncio.Event()
        self._is_rung = False
        self._nudge: asyncio.TimerHandle | None = None

    def ring(self) -> None:
        """Wake the one who waits: something was written."""
        self._is_rung = True
        self._woken.set()

    def nudge(self) -> None:
        """Wake the one who waits, soon, to look whether there is something."""
        if not self._nudge:
            loop = asyncio.get_running_loop()
            self._nudge = loop.call_later(SOON, self._woken.set)

    async def wait(self, seconds: float) -> bool:
        """Wait for a ring, `seconds` at most; whether it rang."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        self._woken.clear()
        if self._nudge:
            self._nudge.cancel()
            self._nudge = None
        is_rung, self._is_rung = self._is_rung, False
        return is_rung


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
        self.work = Bell("work")
        self.mail = Bell("mail")
        self.alerts = Bell("alerts")
        self.token = secrets.token_hex(8)  # tells our own notifications from others'
        # SQLite lets one writer in and makes the others poll for the lock; within a
        # process they queue here instead, in order and without a busy wait.
        self._turn = asyncio.Semaphore(1 if self.is_sqlite else _WRITERS)
        # Of what nobody waits for only one stands in that queue, the rest behind it: so
        # what Slack waits for never has more than one of them in front.
        self._patient = asyncio.Semaphore(1)
        self._made: dict[Hashable, Any] = {}

    @property
    def is_sqlite(self) -> bool:
        """Tell which of the two databases this is."""
        return self.engine.dialect.name == "sqlite"

    def once(self, make: Callable[..., Statement], *args: Hashable) -> Statement:
        """Give `make(now, *args)`, which is made once and kept.

        To make a statement takes longer than to carry it out.
        """
        if (make, args) not in self._made:
            self._made[make, args] = make(self.now(), *args)
        statement: Statement = self._made[make, args]
        return statement

    @contextlib.asynccontextmanager
    async def write(self, *bells: Bell) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that is committed at the end, and then rings `bells`.

        They ring here and on every other replica. Raises StoreUnavailable when nothing
        was written, NotConfirmed when that is not known.
        """
        is_sealed = False
        try:
            async with (
                asyncio.timeout(LONGEST),
                self._in_turn(),
                self.engine.connect() as connection,
            ):
                await connection.begin()
                yield connection
                await self._announce(connection, bells)
                is_sealed = True
                seal()
                await connection.commit()
        except _FAULTS as error:
            if _is_ours(error):
                raise
            fault = NotConfirmed if is_sealed else StoreUnavailable
            raise fault(_name(error)) from error
        for bell in bells:
            bell.ring()

    @contextlib.asynccontextmanager
    async def _in_turn(self) -> AsyncIterator[None]:
        queue = contextlib.nullcontext() if is_awaited() else self._patient
        async with queue:
            await self._turn.acquire()
        try:
            yield
        finally:
            self._turn.release()

    async def _announce(
        self, connection: AsyncConnection, bells: tuple[Bell, ...]
    ) -> None:
        if bells and not self.is_sqlite:
            words = " ".join((self.token, *(bell.name for bell in bells)))
            await connection.execute(select(func.pg_notify(CHANNEL, words)))

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that only reads; raises StoreUnavailable."""
        try:
            async with asyncio.timeout(LONGEST), self.engine.connect() as connection:
                yield await connection.execution_options(reads_only=True)
        except _FAULTS as error:
            if _is_ours(error):
                raise
            raise StoreUnavailable(_name(error)) from error

    async def time(self) -> float:
        """Tell the database's time, in seconds since the epoch."""
        async with self.read() as connection:
            return float((await connection.execute(select(self.now()))).scalar_one())

    async def is_alive(self) -> bool:
        """Tell whether the database answers, and in time."""
        try:
            await promptly(self.time)()
        except StoreUnavailable:
            return False
        return True


def _is_ours(error: Exception) -> bool:
    state = getattr(getattr(error, "orig", None), "sqlstate", None) or ""
    is_named = type(error).__name__ in {
        "IntegrityError",
        "ProgrammingError",
        "DataError",
    }
    return is_named or state.startswith(_OUR_STATES)


def _name(error: Exception) -> str:
    """What the driver calls it; never the statement, which holds what people wrote."""
    return type(getattr(error, "orig", None) or error).__name__
