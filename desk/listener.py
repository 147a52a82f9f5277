"""Hears what other replicas write on PostgreSQL, and rings the bells of this one.

Where that does not work their rows are found all the same, by looking (desk/workers.py).
"""

from __future__ import annotations

import asyncio
import contextlib
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import func, select

from desk.store import CHANNEL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from desk.store import Store

_ECHO = 1.0  # seconds that our own voice may take
_CHECK = 30.0  # seconds between two looks whether we still hear
_RETRY = 0.5  # seconds, doubled at each failure, until a new connection is tried
_AGAIN = 60.0  # seconds until LISTEN is tried again where it does not work
_TRIES = 3

log = structlog.get_logger()


class Hearing(StrEnum):
    """Whether LISTEN works here, in words for operators."""

    WORKS = "replicas wake each other by LISTEN and NOTIFY"
    POOLED = (
        "a pooler in transaction mode stands before PostgreSQL, so LISTEN does not "
        "work: the bot looks for other replicas' work every second"
    )
    DEAF = (
        "what is sent by NOTIFY does not come, so the bot looks for other replicas' "
        "work every second"
    )


class Listener:
    """Holds one connection that listens."""

    def __init__(self, store: Store) -> None:
        self._store = store
        bells = (store.work, store.mail, store.alerts)
        self._bells = {bell.name: bell for bell in bells}
        self._echo, self._broken = asyncio.Event(), asyncio.Event()
        self._said, self._failures = "", 0

    async def run(self) -> None:
        """Listen until cancelled, again and again; on SQLite there is nothing to hear."""
        while not self._store.is_sqlite:
            pause = await self._listen()
            await asyncio.sleep(pause)

    async def _listen(self) -> float:
        """Listen for as long as it works; the seconds until it is worth another try."""
        try:
            async with self._ear() as ear:
                while (hearing := await self._hearing(ear)) is Hearing.WORKS:
                    self._tell(hearing)
                    self._failures = 0
                    await self._pause(_CHECK)
        except Exception as error:  # noqa: BLE001  # whatever a driver raises: looking goes on
            self._tell(type(error).__name__)
            self._failures += 1
            return min(_RETRY * 2.0**self._failures, _AGAIN)
        self._tell(hearing)
        return _AGAIN

    async def look(self) -> Hearing:
        """Find out once whether LISTEN works."""
        try:
            async with self._ear() as ear:
                return await self._hearing(ear)
        except Exception:  # noqa: BLE001  # whatever a driver raises
            return Hearing.DEAF

    def _tell(self, said: Hearing | str) -> None:
        """Log once what has changed."""
        if said != self._said:
            write = log.info if said is Hearing.WORKS else log.warning
            write("listen", said=str(said))
        self._said = said

    @contextlib.asynccontextmanager
    async def _ear(self) -> AsyncIterator[Any]:
        async with self._store.engine.connect() as connection:
            ear: Any = (await connection.get_raw_connection()).driver_connection
            self._broken.clear()
            try:
                ear.add_termination_listener(lambda _: self._broken.set())
                await ear.add_listener(CHANNEL, self._hear)
                yield ear
            finally:
                await connection.invalidate()  # lest another be handed what listens

    def _hear(self, _: Any, __: int, ___: str, said: str) -> None:
        token, *names = said.split()
        if token == self._store.token:
            self._echo.set()  # rung already, by whoever wrote
            return
        for name in names:
            if name in self._bells:  # a newer version may have more
                self._bells[name].ring()

    async def _hearing(self, ear: Any) -> Hearing:
        self._echo.clear()
        async with self._store.write() as connection:
            await connection.execute(select(func.pg_notify(CHANNEL, self._store.token)))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_ECHO):
                await self._echo.wait()
            return Hearing.WORKS
        return Hearing.POOLED if await self._is_pooled(ear) else Hearing.DEAF

    async def _is_pooled(self, ear: Any) -> bool:
        """Tell whether two connections of ours share one session of the server."""
        for _ in range(_TRIES):  # another client may have come in between
            ours = await ear.fetchval("SELECT pg_backend_pid()", timeout=_ECHO)
            async with self._store.read() as connection:
                theirs = await connection.execute(select(func.pg_backend_pid()))
                if theirs.scalar_one() == ours:
                    return True
        return False

    async def _pause(self, seconds: float) -> None:
        """Wait, no longer than the connection lives."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._broken.wait()
