"""How often a job is looked at."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from api.client import poll_delay
from desk.progress import A_MINUTE, SPACING

if TYPE_CHECKING:
    from collections.abc import Callable

    from desk.command import Command
    from desk.desk import Desk

BESIDE_CALLS = 30.0  # seconds between two looks while ZStack calls back
CALLS_COUNT = 600.0  # seconds after which callbacks are no longer relied on
# Looks a second, so that a crowd wears out neither ZStack nor the bot: whoever asks gets
# them, and once they are gone as many are shared out in equal parts. While ZStack calls back
# they only find what a lost call left behind.
AT_MOST = 125.0
AT_MOST_BESIDE_CALLS = 3.0


class Looks:
    """The looks at jobs that this process took within the last second."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._taken: deque[float] = deque(maxlen=int(AT_MOST))

    def note(self) -> None:
        """Count a look that is taken now."""
        self._taken.append(self._clock())

    @property
    def are_many(self) -> bool:
        """Whether those are gone for now that whoever asks may have."""
        is_full = len(self._taken) == self._taken.maxlen
        return is_full and self._taken[0] > self._clock() - 1


def next_look(
    desk: Desk, row: Command, waited: float, left: float | None = None
) -> float:
    """Seconds until the next look at a job, as things are now; see `pause`."""
    listens, is_crowd = bool(desk.callback), desk.looks.are_many
    return pause(row, waited, left, listens=listens, is_crowd=is_crowd)


def pause(
    row: Command,
    waited: float,
    left: float | None = None,
    *,
    listens: bool = True,
    is_crowd: bool = True,
) -> float:
    """Seconds until the next look at a job: few looks while callbacks have been coming.

    `left` are the seconds until the row's deadline, which is never slept through;
    `listens`: ZStack is asked to call us; `is_crowd`: all who wait take equal parts.
    """
    if left is None:
        left = (row.deadline or row.claimed_at) - row.claimed_at
    if listens and _is_called_back(row):
        wished = max(BESIDE_CALLS, row.waiting / AT_MOST_BESIDE_CALLS)
    else:
        shared = row.waiting / AT_MOST if is_crowd else 0.0
        wished = max(poll_delay(waited), shared)
    return min(wished, max(left, poll_delay(0.0)))


def progress_pause(row: Command) -> float:
    """Seconds until progress is worth asking for again: what may be told is shared."""
    return max(SPACING, row.waiting * 60.0 / A_MINUTE)


def _is_called_back(row: Command) -> bool:
    """Whether ZStack calls back these days, and has yet to call for this row."""
    since = row.claimed_at - (row.any_call_at or 0)
    # It has called, and the look that followed failed: no other call will come.
    has_called = bool(row.called_at and row.called_at >= (row.sent_at or 0))
    return since < CALLS_COUNT and not has_called
