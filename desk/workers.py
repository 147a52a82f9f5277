"""A loop that claims due work and carries out a bounded number side by side."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import structlog

from desk.errors import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from desk.store import Bell

Item = TypeVar("Item")

IDLE = 0.25  # seconds after which rows that another process inserted are noticed

log = structlog.get_logger()


class Workers(Generic[Item]):
    """Runs `work` on what `claim` hands out, `at_once` at most, until it is stopped."""

    def __init__(
        self,
        claim: Callable[[int], Awaitable[list[Item]]],
        work: Callable[[Item], Coroutine[Any, Any, None]],
        *,
        bell: Bell,
        at_once: int,
    ) -> None:
        self._claim = claim
        self._work = work
        self._bell = bell
        self._at_once = at_once
        self._running: set[asyncio.Task[None]] = set()
        self._stopping = False

    def stop(self) -> None:
        """Take up nothing more; `run` returns when what is under way is finished."""
        self._stopping = True
        self._bell.ring()

    async def run(self) -> None:
        """Work until stopped."""
        while not self._stopping:
            if not await self._take_up():
                await self._bell.wait(IDLE)
        # One that fails must not cut the others off; `_done` has logged it.
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _take_up(self) -> bool:
        """Take up what is due, as far as hands are free; True when there may be more."""
        free = self._at_once - len(self._running)
        if not free:
            return False
        try:
            items = await self._claim(free)
        except StoreUnavailable as error:
            log.warning("store_unavailable", reason=str(error))
            return False
        except Exception:
            log.exception(
                "claim_failed"
            )  # a loop that ended would do nothing in silence
            return False
        for item in items:
            task = asyncio.create_task(self._work(item))
            self._running.add(task)  # a task that nothing holds may vanish
            task.add_done_callback(self._done)
        return len(items) == free

    def _done(self, task: asyncio.Task[None]) -> None:
        if len(self._running) == self._at_once:
            self._bell.ring()  # more may be due than there were hands for
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            # Its claim runs out by itself and the work is taken up again.
            log.error("work_failed", error=type(error).__name__, exc_info=error)
