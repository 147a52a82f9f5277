"""A loop that claims due work and carries out a bounded number side by side."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import structlog

from desk.errors import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from desk.store import Bell

Item = TypeVar("Item")

IDLE = 1.0  # seconds after which rows are noticed that another process inserted

log = structlog.get_logger()


class Source(Protocol[Item]):
    """Where work comes from."""

    async def next_due(self) -> float | None:
        """Seconds until something is due that nobody holds; None when nothing waits."""
        ...

    async def claim(self, limit: int) -> list[Item]:
        """Take what is due."""
        ...


class Workers(Generic[Item]):
    """Runs `work` on what `source` hands out, `at_once` at most, until it is stopped."""

    def __init__(
        self,
        source: Source[Item],
        work: Callable[[Item], Coroutine[Any, Any, None]],
        *,
        bell: Bell,
        at_once: int,
    ) -> None:
        self._source = source
        self._work = work
        self._bell = bell
        self._at_once = at_once
        self._running: set[asyncio.Task[None]] = set()
        self._stopping = False
        self._fault = ""

    def stop(self) -> None:
        """Take up nothing more; `run` returns when what is under way is finished."""
        self._stopping = True
        self._bell.ring()

    async def run(self) -> None:
        """Work until stopped."""
        is_rung = False
        while not self._stopping:
            is_rung = await self._bell.wait(await self._look(is_rung=is_rung))
        # One that fails must not cut the others off; `_done` has logged it.
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _look(self, *, is_rung: bool = False) -> float:
        """Take up what is due; the seconds until it is worth another look."""
        try:
            pause = await self._take_up(is_rung=is_rung)
        except StoreUnavailable as error:
            self._tell(str(error))
            return IDLE
        except Exception:
            # A loop that ended here would do nothing any more, in silence.
            log.exception("claim_failed")
            return IDLE
        self._tell("")
        return pause

    def _tell(self, fault: str) -> None:
        """Log once that the store is away, and once that it is back."""
        if fault and not self._fault:
            log.warning("store_unavailable", reason=fault)
        elif self._fault and not fault:
            log.info("store_back")
        self._fault = fault

    async def _take_up(self, *, is_rung: bool) -> float:
        if not self._free:
            return IDLE  # `_done` wakes it earlier
        # A ring says that something is due. Otherwise to look is cheap; only to claim
        # takes the database's lock.
        if is_rung and await self._claim():
            return IDLE
        due = await self._source.next_due()
        if due is None or due > 0:
            return min(due or IDLE, IDLE)
        await self._claim()  # when it gets nothing another replica was faster
        return IDLE

    @property
    def _free(self) -> int:
        return self._at_once - len(self._running)

    async def _claim(self) -> bool:
        items = await self._source.claim(self._free)
        for item in items:
            task = asyncio.create_task(self._work(item))
            self._running.add(task)  # a task that nothing holds may vanish
            task.add_done_callback(self._done)
        if items:
            self._bell.nudge()  # more may be due before any of these is done
        return bool(items)

    def _done(self, task: asyncio.Task[None]) -> None:
        if self._free:
            self._bell.nudge()
        else:
            self._bell.ring()  # something may have waited for a hand
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            # Its claim runs out by itself and the work is taken up again.
            log.error("work_failed", error=type(error).__name__, exc_info=error)
