"""The copy of the audit at a syslog server: every row in order, at least once."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from desk import audit, tables

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from desk.chain import Link
    from desk.policy import Policy
    from desk.policy.audit import Server
    from desk.store import Store

    Send = Callable[[Server, Sequence[Link]], Awaitable[None]]
    """Returns when the server has the rows, as far as anybody can tell; raises OSError."""

LEASE = 10.0  # seconds for which one replica alone sends
_SECONDS = 8.0  # that a page may take, so that the lease outlasts it
_NAME = "audit syslog"
_FIRST: dict[str, Any] = {"number": 0, "holder": "", "until": 0.0}

_facts = tables.fact
_mine = _facts.c.name == _NAME

log = structlog.get_logger()


class Copies:
    """Sends what the server has not got yet; how far it came stands in the database."""

    def __init__(self, store: Store, policy: Callable[[], Policy], send: Send) -> None:
        self._store = store
        self._policy = policy
        self._send = send
        self._token = secrets.token_hex(8)
        self._fault = ""

    async def catch_up(self) -> None:
        """Send all that is new. What fails is sent again at the next call."""
        server = self._policy().audit.server
        if not server:
            return
        try:
            while await self._send_page(server):
                self._tell(server, "")
        except (OSError, TimeoutError) as error:
            self._tell(server, type(error).__name__)

    async def _send_page(self, server: Server) -> bool:
        """Send the next rows; False when there are none, or another replica sends."""
        if not await self._next(await self._read()):
            return False  # to look takes no lock of the database
        number = await self._take()
        if number is None:
            return False
        links = await self._next(number)
        async with asyncio.timeout(_SECONDS):
            await self._send(server, links)
        await self._move(links[-1].number if links else number)
        return True

    async def _next(self, number: int) -> list[Link]:
        return await audit.page(self._store, after=number, limit=100)

    async def _read(self) -> int:
        async with self._store.read() as connection:
            query = select(_facts.c.value).where(_mine)
            found = (await connection.execute(query)).scalar()
        return int((found or _FIRST)["number"])

    async def _take(self) -> int | None:
        """Become the one who sends; the last number that was sent, None if another is."""
        async with self._store.write() as connection:
            await connection.execute(_unless_known(self._store))
            value, now = await self._locked(connection)
            if value["holder"] != self._token and value["until"] > now:
                return None
            await self._write(connection, value | self._held(now + LEASE))
        return int(value["number"])

    async def _move(self, number: int) -> None:
        """Write down what was sent, and let any replica go on."""
        async with self._store.write() as connection:
            value, _ = await self._locked(connection)
            if value["holder"] == self._token:  # else another sent them too, by now
                await self._write(connection, {**_FIRST, "number": number})

    def _held(self, until: float) -> dict[str, Any]:
        return {"holder": self._token, "until": until}

    async def _locked(
        self, connection: AsyncConnection
    ) -> tuple[dict[str, Any], float]:
        query = select(_facts.c.value, self._store.now()).where(_mine)
        value, now = (await connection.execute(query.with_for_update())).one()
        return value, now

    async def _write(self, connection: AsyncConnection, value: dict[str, Any]) -> None:
        await connection.execute(update(_facts).where(_mine).values(value=value))

    def _tell(self, server: Server, fault: str) -> None:
        """Log once that the server is away, and once that it is back."""
        if fault and not self._fault:
            log.warning("audit_copy_waits", server=str(server), reason=fault)
        elif self._fault and not fault:
            log.info("audit_copy_goes_on", server=str(server))
        self._fault = fault


def _unless_known(store: Store) -> Any:
    insert = sqlite.insert if store.is_sqlite else postgresql.insert
    first = insert(_facts).values(name=_NAME, value=_FIRST)
    return first.on_conflict_do_nothing()
