"""Work that somebody waits for: its end within two seconds, or how far it came."""

from __future__ import annotations

import asyncio
import contextvars
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from desk.errors import NotConfirmed, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

PATIENCE = 2.0  # seconds; Slack waits for three
_LATE = "no answer in time"


@dataclass
class _Attempt:
    """`is_sealed`: something may be recorded from here on, whatever is heard of it."""

    is_sealed: bool = False


_attempt: contextvars.ContextVar[_Attempt | None]
_attempt = contextvars.ContextVar("attempt", default=None)
_left: set[asyncio.Task[Any]] = set()


def seal() -> None:
    """Note that a COMMIT is about to be sent, or that its row is known to be there."""
    attempt = _attempt.get()
    if attempt:
        attempt.is_sealed = True


def is_awaited() -> bool:
    """Tell whether this is a part of work that somebody waits for."""
    return _attempt.get() is not None


def promptly(
    work: Callable[Parameters, Coroutine[Any, Any, Result]],
) -> Callable[Parameters, Coroutine[Any, Any, Result]]:
    """Bound `work`: raises StoreUnavailable only when nothing was recorded.

    Raises NotConfirmed when something may have been.
    """

    @functools.wraps(work)
    async def bounded(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        if _attempt.get():  # a part of something that is bounded already
            return await work(*args, **kwargs)
        attempt, context = _Attempt(), contextvars.copy_context()
        context.run(_attempt.set, attempt)
        # In a task of its own: the driver may take longer to give up than we may.
        task = asyncio.create_task(work(*args, **kwargs), context=context)
        _left.add(task)
        task.add_done_callback(_forget)
        await asyncio.wait({task}, timeout=PATIENCE)
        return _outcome(task, attempt)

    return bounded


def _outcome(task: asyncio.Task[Result], attempt: _Attempt) -> Result:
    if not task.done():
        if attempt.is_sealed:
            raise NotConfirmed(_LATE)
        task.cancel()  # before its COMMIT, which is never sent then
        raise StoreUnavailable(_LATE)
    try:
        return task.result()
    except StoreUnavailable as error:
        if attempt.is_sealed:
            raise NotConfirmed(str(error)) from error
        raise


def _forget(task: asyncio.Task[Any]) -> None:
    _left.discard(task)
    if not task.cancelled():
        task.exception()  # told already, or nobody is left to tell
