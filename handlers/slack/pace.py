"""When Slack may be asked: a post a second in each channel, and not before it said."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from cachetools import TTLCache

if TYPE_CHECKING:
    from collections.abc import Callable

POST = "chat.postMessage"
BURST = 10  # posts that a channel takes at once; Slack promises no number (§2)
EVERY = 1.0  # seconds between two more
_KEPT = 3600.0  # seconds; by then every burst is possible again


class Line:
    """Who may post in a channel, and when: a burst, then one after the other."""

    def __init__(self, free: float) -> None:
        self._free = free
        self._turns: dict[str, float] = {}

    def wait(self, who: str, now: float) -> float:
        """Seconds until the turn of `who`; it is kept for them when they must wait."""
        turn = self._turns.pop(who, None)
        if turn is None:
            turn = max(self._free, now - (BURST - 1) * EVERY)
            self._free = turn + EVERY
        if turn > now:
            self._turns[who] = turn
        return max(0.0, turn - now)

    def spare(self, now: float) -> float:
        """Seconds until one may post whom nobody has to wait for; keeps no turn for them."""
        turn = max(self._free, now - (BURST - 1) * EVERY)
        if (wait := turn + EVERY - now) > 0:
            return wait
        self._free = turn + EVERY
        return 0.0


class Pace:
    """What this process knows of Slack's limits; others learn theirs from one 429 each."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lines: TTLCache[str, Line] = TTLCache(10_000, _KEPT, timer=now)
        self._closed: TTLCache[str, float] = TTLCache(100, _KEPT, timer=now)

    def wait(
        self, method: str, channel: str, who: str, *, is_last: bool = False
    ) -> float:
        """Seconds until this call may be made; 0 means now, and counts it."""
        now = self._now()
        if method != POST:
            return max(0.0, self._closed.get(method, now) - now)
        line = self._lines.get(channel)
        if line is None:
            line = self._lines[channel] = Line(now - BURST * EVERY)
        return line.spare(now) if is_last else line.wait(who, now)

    def hold(self, method: str, channel: str, seconds: float) -> None:
        """Let nobody ask for `seconds`: a post in its channel, all else everywhere."""
        until = self._now() + min(seconds, _KEPT)
        if method == POST:
            self._lines[channel] = Line(until)  # who waits in the old one queues anew
        else:
            self._closed[method] = until
