"""What Slack does wrong on purpose, so many times, in which place."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sandbox.slack.errors import Refusal

if TYPE_CHECKING:
    from sandbox.slack.clock import Clock

Kind = Literal[
    "rate_limited", "server_error", "drop_before", "drop_after", "slow", "refuse"
]
RESPONSE_URL = "response_url"
_MINUTE = 60


@dataclass
class Fault:
    """One misbehaviour of a method, of `response_url`, or of everything (`*`).

    `seconds` is the Retry-After of `rate_limited` and the wait of `slow`; `error` is the
    word of `refuse`, which by default says that the channel is gone.
    """

    where: str
    kind: Kind
    count: int = 1
    seconds: float = 1.0
    error: str = "channel_not_found"


class Faults:
    """The misbehaviour still to come, in the order it was asked for."""

    def __init__(self) -> None:
        self._coming: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Let it happen to the next matching calls."""
        self._coming.append(fault)

    def clear(self) -> None:
        """Behave from now on."""
        self._coming.clear()

    def take(self, where: str) -> Fault | None:
        """Use up one misbehaviour that is due in this place."""
        for fault in self._coming:
            if fault.where in {where, "*"} and fault.count > 0:
                fault.count -= 1
                return fault
        return None


def refuse_if(fault: Fault | None) -> None:
    """Refuse when that is what was asked for."""
    if fault is not None and fault.kind == "refuse":
        raise Refusal(because=fault.error)


class RateLimit:
    """So many calls in any minute; None means as many as you like."""

    def __init__(self, per_minute: int | None, clock: Clock) -> None:
        self.per_minute = per_minute
        self._clock = clock
        self._calls: deque[float] = deque()

    def wait(self) -> float:
        """Count one call; the seconds to wait when it is one too many, else 0."""
        if self.per_minute is None:
            return 0.0
        now = self._clock()
        while self._calls and self._calls[0] <= now - _MINUTE:
            self._calls.popleft()
        if len(self._calls) >= self.per_minute:
            return self._calls[0] + _MINUTE - now
        self._calls.append(now)
        return 0.0
