"""Carries the outbox to people: retries for a day, then gives up aloud."""

from __future__ import annotations

import asyncio
from itertools import accumulate, count
from typing import TYPE_CHECKING

import structlog

from desk.cursor import Stall
from desk.errors import NotYet, Undeliverable
from desk.notice import Slot

if TYPE_CHECKING:
    from desk.deliver import Deliver
    from desk.message import Message
    from desk.outbox import Outbox

AT_ONCE = 8
_DAY = 86_400.0
_LONGEST = 3600.0  # seconds; no wish to wait is obeyed beyond this

_OPEN_IT = "If this lasts: invite the bot there, or mend audit: in the policy file."

log = structlog.get_logger()


def backoff(attempts: int) -> float:
    """Seconds before the next try: 1, 2, 4, … at most five minutes."""
    return min(300.0, 2.0 ** min(attempts, 9))


TRIES = next(
    tries
    for tries, waited in enumerate(accumulate(map(backoff, count())), start=1)
    if waited >= _DAY
)
"""So many fit into a day."""


class Postman:
    """Delivers the messages of the outbox."""

    def __init__(self, outbox: Outbox, deliver: Deliver) -> None:
        self._outbox = outbox
        self._deliver = deliver
        self._stall = Stall()

    async def carry(self, message: Message) -> None:
        """Deliver one message and keep its receipt."""
        if asyncio.get_running_loop().time() >= message.until:
            return  # this process was stopped for long: another one carries it by now
        try:
            async with asyncio.timeout_at(message.until):
                receipt = await self._deliver.deliver(
                    message.place, message.notice, message.known
                )
        except NotYet as error:
            await self._outbox.hold(message, error.seconds)
        except Undeliverable as error:
            await self._put_off(message, error)
        except Exception as error:  # a bug of ours must not try for ever
            log.exception("delivery_failed", command=message.command_id)
            fault = Undeliverable(type(error).__name__, retry_after=1, may_stand=True)
            await self._put_off(message, fault)
        else:
            await self._outbox.told(message, receipt)
            if message.notice.slot is Slot.AUDIT:
                self._stall.tell("", channel=message.notice.copy_in)

    async def _put_off(self, message: Message, error: Undeliverable) -> None:
        facts = {
            "command": message.command_id,
            "slot": str(message.notice.slot),
            "reason": str(error),
        }
        seconds = None
        is_audit = message.notice.slot is Slot.AUDIT  # kept for ever, and so is the try
        if error.retry_after is None or (message.attempts >= TRIES and not is_audit):
            log.error("answer_undeliverable", **facts)
        else:
            if is_audit:
                channel = message.notice.copy_in
                self._stall.tell(str(error), channel=channel, hint=_OPEN_IT)
            else:
                log.warning("answer_delayed", **facts)
            wished = min(error.retry_after, _LONGEST)
            seconds = max(wished, backoff(message.attempts))
        await self._outbox.postpone(message, seconds, may_stand=error.may_stand)
