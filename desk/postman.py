"""Carries the outbox to people: retries for a day, then gives up aloud."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from desk.errors import Undeliverable
from desk.notice import Slot
from desk.outbox import KEPT

if TYPE_CHECKING:
    from desk.outbox import Deliver, Message, Outbox

AT_ONCE = 8
_LONGEST = 3600.0  # seconds; no Retry-After is obeyed beyond this

log = structlog.get_logger()


def backoff(attempts: int) -> float:
    """Seconds before the next try: 1, 2, 4, … at most five minutes."""
    return min(300.0, 2.0 ** min(attempts, 9))


class Postman:
    """Delivers the messages of the outbox."""

    def __init__(self, outbox: Outbox, deliver: Deliver) -> None:
        self._outbox = outbox
        self._deliver = deliver

    async def carry(self, message: Message) -> None:
        """Deliver one message and keep its receipt."""
        anchor = await self._outbox.anchor(message.command_id)
        if message.notice.slot is Slot.THREAD and not anchor:
            not_yet = Undeliverable("its message is not posted yet", retry_after=1)
            await self._put_off(message, not_yet)
            return
        try:
            receipt = await self._deliver.deliver(
                message.place, message.notice, receipt=message.receipt, anchor=anchor
            )
        except Undeliverable as error:
            await self._put_off(message, error)
        except Exception as error:  # a bug of ours must not try for ever
            log.exception("delivery_failed", command=message.command_id)
            fault = Undeliverable(type(error).__name__, retry_after=1)
            await self._put_off(message, fault)
        else:
            await self._outbox.told(message, receipt)

    async def _put_off(self, message: Message, error: Undeliverable) -> None:
        again = error.retry_after is not None and message.age < KEPT
        wished = min(error.retry_after or 0.0, _LONGEST)
        seconds = max(wished, backoff(message.attempts))
        log.warning(
            "answer_delayed" if again else "answer_undeliverable",
            command=message.command_id,
            slot=str(message.notice.slot),
            reason=str(error),
        )
        await self._outbox.postpone(message, seconds if again else None)
