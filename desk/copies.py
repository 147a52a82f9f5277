"""The copy of the audit at a syslog server: every row in order, at least once."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Any

from desk import audit
from desk.cursor import Cursor, Stall

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

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


class Copies:
    """Sends what the server has not got yet; how far it came stands in the database."""

    def __init__(self, store: Store, policy: Callable[[], Policy], send: Send) -> None:
        self._store = store
        self._policy = policy
        self._send = send
        self._cursor = Cursor(store, _NAME)
        self._stall = Stall()
        self._token = secrets.token_hex(8)

    async def catch_up(self) -> None:
        """Send all that is new. What fails is sent again at the next call."""
        server = self._policy().audit.server
        if not server:
            return
        try:
            while await self._send_page(server):
                self._stall.tell("", server=str(server))
        except (OSError, TimeoutError) as error:
            self._stall.tell(type(error).__name__, server=str(server))

    async def _send_page(self, server: Server) -> bool:
        """Send the next rows; False when there are none, or another replica sends."""
        if not await self._next((await self._cursor.read() or _FIRST)["number"]):
            return False
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

    async def _take(self) -> int | None:
        """Become the one who sends; the last number that was sent, None if another is."""
        async with self._store.write() as connection:
            await self._cursor.begin(connection, _FIRST)
            known, now = await self._cursor.locked(connection)
            value = known or _FIRST
            if value["holder"] != self._token and value["until"] > now:
                return None
            held = {"holder": self._token, "until": now + LEASE}
            await self._cursor.move(connection, value | held)
        return int(value["number"])

    async def _move(self, number: int) -> None:
        """Write down what was sent, and let any replica go on."""
        async with self._store.write() as connection:
            known, _ = await self._cursor.locked(connection)
            if (
                known and known["holder"] == self._token
            ):  # else another sent them by now
                await self._cursor.move(connection, _FIRST | {"number": number})
