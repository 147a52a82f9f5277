"""Wait for something to become what is wanted, without missing a short-lived state."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")


class Waiting(Generic[T]):
    """Those who wait for one kind of thing, each looking at every change as it is made."""

    def __init__(self) -> None:
        self._waiters: list[tuple[Callable[[T], bool], asyncio.Future[T]]] = []

    def tell(self, thing: T) -> None:
        """Say that `thing` is new or has changed."""
        for wanted, found in self._waiters:
            if not found.done() and wanted(thing):
                found.set_result(thing)

    async def first(
        self, wanted: Callable[[T], bool], among: Iterable[T], within: float
    ) -> T:
        """Return the first that is, or at any change becomes, what is wanted."""
        for thing in among:
            if wanted(thing):
                return thing
        waiter = (wanted, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        try:
            return await asyncio.wait_for(waiter[1], within)
        finally:
            self._waiters.remove(waiter)
