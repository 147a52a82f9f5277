"""The stand-in's clock, which tests move instead of waiting."""

from __future__ import annotations

import time


class Clock:
    """Seconds since the epoch, plus whatever was skipped."""

    def __init__(self) -> None:
        self._skipped = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return time.time() + self._skipped

    def skip(self, seconds: float) -> None:
        """Move ahead: links expire, limits recover. Signatures keep the real time."""
        self._skipped += seconds
