"""How often a job is looked at."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from api.client import poll_delay
from desk.progress import A_MINUTE, SPACING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desk.command import Command

BESIDE_CALLS = 30.0  # seconds between two looks while ZStack calls back
CALLS_COUNT = 600.0  # seconds after which callbacks are no longer relied on
# Looks a second at the jobs of all who wait, so that a crowd wears out neither ZStack nor
# the bot. While ZStack calls back they only find what a lost call left behind.
AT_MOST = 125.0
AT_MOST_BESIDE_CALLS = 3.0


class Watch:
    """The jobs that workers of this process watch, and how often each asks for a look."""

    def __init__(self) -> None:
        self._looks: dict[str, float] = {}  # looks a second, by id of the row

    @contextlib.contextmanager
    def over(self, row: Command) -> Iterator[None]:
        """Count `row` among them for as long as `share` is asked for it."""
        try:
            yield
        finally:
            self._looks.pop(row.id, None)

    def share(self, row: Command, waited: float) -> float:
        """Seconds between two looks that leave all others theirs.

        Whoever waits and is not watched counts with a look a second.
        """
        wished = poll_delay(waited)
        self._looks[row.id] = 1 / wished
        others = max(0, row.waiting - len(self._looks))
        return wished * (sum(self._looks.values()) + others) / AT_MOST


def pause(
    row: Command,
    waited: float,
    left: float | None = None,
    *,
    listens: bool = True,
    share: float | None = None,
) -> float:
    """Seconds until the next look at a job: few looks while callbacks have been coming.

    `left` are the seconds until the row's deadline, which is never slept through;
    `listens`: ZStack is asked to call us; `share` are the seconds that leave others their
    looks, an equal part of all by default.
    """
    if left is None:
        left = (row.deadline or row.claimed_at) - row.claimed_at
    if listens and _is_called_back(row):
        wished = max(BESIDE_CALLS, row.waiting / AT_MOST_BESIDE_CALLS)
    else:
        shared = row.waiting / AT_MOST if share is None else share
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
