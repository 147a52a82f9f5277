"""What the desk itself refuses."""

from __future__ import annotations


class UserError(Exception):
    """The person can mend it; the text says how and is shown to them alone."""


class KeyLost(Exception):
    """What a command needs was sealed with a key that is missing from SECRET_KEYS."""


class StoreUnavailable(Exception):
    """The ledger could not be written; nothing was accepted."""


class NotConfirmed(StoreUnavailable):
    """The ledger's answer did not come: it may have been written, or not."""


class Undeliverable(Exception):
    """An answer did not get through; try again in `retry_after` seconds, or never.

    `may_stand`: it may have got through all the same, and only the word of it was lost.
    """

    def __init__(
        self, reason: str, *, retry_after: float | None = None, may_stand: bool = False
    ) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.may_stand = may_stand


class NotYet(Undeliverable):
    """Nothing was said and nothing is wrong: its turn comes in `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__("its turn has not come", retry_after=seconds)
        self.seconds = seconds
