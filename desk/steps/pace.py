"""How often a job is looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.client import poll_delay

if TYPE_CHECKING:
    from desk.command import Command

BESIDE_CALLS = 30.0  # seconds between two looks while ZStack calls back
CALLS_COUNT = 600.0  # seconds after which callbacks are no longer relied on


def pause(row: Command, waited: float, left: float | None = None) -> float:
    """Seconds until the next look at a job: few looks while callbacks have been coming.

    `left` are the seconds until the row's deadline, which is never slept through.
    """
    if left is None:
        left = (row.deadline or row.claimed_at) - row.claimed_at
    since = row.claimed_at - (row.any_call_at or 0)
    wished = BESIDE_CALLS if since < CALLS_COUNT else poll_delay(waited)
    return min(wished, max(left, poll_delay(0.0)))
