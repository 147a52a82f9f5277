"""Connections to the database, set up so that what is committed stays."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import create_async_engine

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

_AT_ONCE = 16  # connections of one replica, of which one listens
_ABANDONED = 10  # seconds until the server ends a transaction in which nothing comes
_CONNECT = 2.0  # seconds until a server that does not answer is given up


def open_engine(url: str) -> AsyncEngine:
    """Open `sqlite+aiosqlite:///path` (durable, one writer at a time) or PostgreSQL."""
    return _sqlite(url) if url.startswith("sqlite") else _postgresql(url)


def _postgresql(url: str) -> AsyncEngine:
    async def connect() -> Any:
        import asyncpg  # type: ignore[import-untyped]  # noqa: PLC0415  # an extra

        connection = await asyncpg.connect(
            url.replace("+asyncpg", "", 1),
            timeout=_CONNECT,
            statement_cache_size=0,  # a pooler gives each transaction another session
        )
        # Lest a replica that was cut off in a transaction keep its rows for hours.
        limit = f"SET idle_in_transaction_session_timeout = '{_ABANDONED}s'"
        await connection.execute(limit)
        return connection

    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=connect,
        isolation_level="READ COMMITTED",
        pool_size=_AT_ONCE,
        max_overflow=0,
        pool_pre_ping=True,
        pool_timeout=_CONNECT,
        hide_parameters=True,
    )


class _Connection(sqlite3.Connection):
    """Gives its lock back when it is closed.

    SQLite alone does so only when every statement is let go of, also that of a task which
    was cut off between a question and its answer.
    """

    def close(self) -> None:
        if self.in_transaction:
            self.rollback()
        super().close()


def _sqlite(url: str) -> AsyncEngine:
    own = {"timeout": 2, "factory": _Connection}
    engine = create_async_engine(url, connect_args=own, hide_parameters=True)

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
        # A read is one statement, which needs no transaction around it.
        if not connection.get_execution_options().get("reads_only"):
            connection.execute(text("BEGIN IMMEDIATE"))

    return engine
