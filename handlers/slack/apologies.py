"""Telling somebody what the acknowledgement of a click or a step cannot show."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from desk.errors import Undeliverable
from desk.notice import Notice, Slot

if TYPE_CHECKING:
    from desk.deliver import Deliver
    from desk.person import Place

log = structlog.get_logger()


class Apologies:
    """Private sentences beside the outbox, for when that could not be written."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self._telling: set[asyncio.Task[None]] = set()

    def tell(self, place: Place, sentence: str, *, slot: Slot = Slot.PRIVATE) -> None:
        """Say it once, after the acknowledgement: nothing remote comes before that."""
        notice = Notice(slot=slot, title=sentence)
        task = asyncio.create_task(self._tell(place, notice))
        self._telling.add(task)  # a task that nothing holds may vanish
        task.add_done_callback(self._telling.discard)

    async def _tell(self, place: Place, notice: Notice) -> None:
        try:
            await self._deliver.deliver(place, notice)
        except Undeliverable as error:
            log.warning("apology_lost", reason=str(error))
