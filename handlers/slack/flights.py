"""One question at a time for each key: who asks meanwhile shares the answer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

Answer = TypeVar("Answer")


class Flights(Generic[Answer]):
    """The questions that are under way; a failure is shared too, and then forgotten."""

    def __init__(self) -> None:
        self._flying: dict[str, asyncio.Task[Answer]] = {}

    async def once(
        self, key: str, question: Callable[[], Coroutine[None, None, Answer]]
    ) -> Answer:
        """Ask, or wait for whoever has asked about `key` already."""
        task = self._flying.get(key)
        if not task:
            task = asyncio.create_task(question())
            self._flying[key] = task
            task.add_done_callback(lambda _: self._flying.pop(key))
        # Who gives up waiting does not take the answer away from the others.
        return await asyncio.shield(task)
