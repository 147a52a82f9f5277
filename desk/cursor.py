"""How far the audit was told elsewhere: one row of `fact`, locked where it moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from desk import tables

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from desk.store import Store

_facts = tables.fact

log = structlog.get_logger()


class Cursor:
    """A place in the audit, shared by all replicas."""

    def __init__(self, store: Store, name: str) -> None:
        self._store = store
        self._name = name
        self._mine = _facts.c.name == name

    async def read(self) -> dict[str, Any] | None:
        """Look where it stands; takes no lock of the database."""
        query = select(_facts.c.value).where(self._mine)
        async with self._store.read() as connection:
            return (await connection.execute(query)).scalar()

    async def locked(
        self, connection: AsyncConnection
    ) -> tuple[dict[str, Any] | None, float]:
        """Read it and the time, and let nobody else move it until the commit."""
        query = select(_facts.c.value, self._store.now()).where(self._mine)
        found = (await connection.execute(query.with_for_update())).first()
        return (found[0], found[1]) if found else (None, 0.0)

    async def begin(self, connection: AsyncConnection, value: dict[str, Any]) -> None:
        """Set it, unless it is there."""
        insert = sqlite.insert if self._store.is_sqlite else postgresql.insert
        first = insert(_facts).values(name=self._name, value=value)
        await connection.execute(first.on_conflict_do_nothing())

    async def move(self, connection: AsyncConnection, value: dict[str, Any]) -> None:
        """Move it."""
        moved = update(_facts).where(self._mine).values(value=value)
        await connection.execute(moved)

    async def forget(self, connection: AsyncConnection) -> None:
        """Take it away."""
        await connection.execute(delete(_facts).where(self._mine))


class Stall:
    """Logs once that a copy of the audit waits, and once that it goes on."""

    def __init__(self) -> None:
        self._fault = ""

    def tell(self, fault: str, **where: str) -> None:
        """Say why it waits, or with "" that it does not."""
        if fault and not self._fault:
            log.warning("audit_copy_waits", **where, reason=fault)
        elif self._fault and not fault:
            log.info("audit_copy_goes_on", **where)
        self._fault = fault
