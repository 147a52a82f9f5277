"""What the desk itself refuses."""

from __future__ import annotations


class UserError(Exception):
    """The person can mend it; the text says how and is shown to them alone."""


class StoreUnavailable(Exception):
    """The ledger could not be written; nothing was accepted."""


class Undeliverable(Exception):
    """An answer did not get through; try again in `retry_after` seconds, or never."""

    def __init__(self, reason: str, *, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
