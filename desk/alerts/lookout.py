"""Looks in ZStack at what alerts are about: one question at a time, for all who wait."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from cachetools import TTLCache

from api.errors import ZStackError
from desk.alerts.resources import look_up
from desk.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from desk.alerts.resources import Found, Reference
    from desk.resolve import Ask

_SECONDS = 5.0  # that a card waits for it
_SHARED = (
    0.5  # seconds in which what was seen is seen: longer, and a card shows the past
)


class Lookout:
    """Sees resources under the service key, and leaves ZStack to people's commands.

    In a storm many cards wait: whoever has the turn asks for all of them.
    """

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._turn = asyncio.Lock()
        self._wanted: set[Reference] = set()
        self._seen: TTLCache[Reference, Found | None] = TTLCache(10_000, _SHARED)

    async def look(
        self, references: Iterable[Reference]
    ) -> dict[Reference, Found] | None:
        """What is there of `references`; None when ZStack does not tell in time."""
        wanted = tuple(references)
        self._wanted |= set(wanted)
        try:
            async with asyncio.timeout(_SECONDS), self._turn:
                await self._take_a_turn()
        except (ZStackError, UserError, TimeoutError):
            return None
        if any(it not in self._seen for it in wanted):  # whoever asked did not get it
            return None
        return {it: seen for it in wanted if (seen := self._seen[it])}

    async def _take_a_turn(self) -> None:
        wanted = {it for it in self._wanted if it not in self._seen}
        self._wanted = set()
        found = await look_up(self._ask, sorted(wanted))
        for reference in wanted:
            self._seen[reference] = found.get(reference)
