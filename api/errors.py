"""What can go wrong with ZStack, by what a caller does about it.

ZStackError
+- Unreachable       no answer; `sent` tells whether ZStack may have read the request
+- UnexpectedReply   an answer that cannot be read: not JSON, a proxy's page, a crash
+- Refused           a plain-text 4xx: nothing ran
|  +- ClockSkewed      an access key's date is too far from ZStack's clock
|  +- DuplicateJob     this job uuid was accepted before: ask for the job
|  +- JobUnknown       no such job, or forgotten by now
+- Rejected          an ErrorCode; `.error.root` is the innermost cause
|  +- SessionExpired    log in again, then once more
|  +- PermissionDenied
+- JobUnfinished     still running when we stopped waiting
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.models import ErrorCode

SKEW = 900.0  # seconds that a signed date may be off (protocol.md §2)


class ZStackError(Exception):
    """The cloud said no, or did not answer."""


class Unreachable(ZStackError):
    """No answer came. When `sent`, look a write up by its job before sending again."""

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(f"ZStack did not answer: {reason}")
        self.sent = sent


class UnexpectedReply(ZStackError):
    """An answer that is not ZStack's, or that cannot be read. The request may have run."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(
            f"ZStack answered {status} in a way that cannot be read: {reason}"
        )
        self.status = status


class Refused(ZStackError):
    """A plain-text refusal before anything ran (protocol.md §1.4)."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"ZStack refused the request ({status}): {text}")
        self.status = status
        self.text = text


class ClockSkewed(Refused):
    """An access key's date is more than 15 minutes from ZStack's wall clock (§2).

    `seconds` is how far our clock is ahead of ZStack's; None when it did not say.
    """

    def __init__(self, seconds: float | None) -> None:
        super().__init__(403, _skew(seconds))
        self.seconds = seconds


def _skew(seconds: float | None) -> str:
    if seconds is None:
        return (
            "the date of the access key is too far from its clock. Set the clock of "
            "the bot's machine by NTP, and ZSTACK_TIMEZONE to the node's zone"
        )
    if abs(seconds) <= SKEW:
        return (
            f"the clocks agree to {abs(seconds):.0f} s, but the date of the access key "
            "is in another time zone. Set ZSTACK_TIMEZONE to the node's zone"
        )
    ahead = "ahead of" if seconds > 0 else "behind"
    return (
        f"the bot's clock is {abs(seconds):.0f} s {ahead} ZStack's, and an access key "
        f"is taken within {SKEW:.0f} s. Set the clocks of both machines by NTP"
    )


class DuplicateJob(Refused):
    """The job uuid is known already: the operation was accepted before."""


class JobUnknown(Refused):
    """The job was never accepted, or is forgotten; ZStack does not say which."""


class Rejected(ZStackError):
    """ZStack answered with an ErrorCode."""

    def __init__(self, error: ErrorCode) -> None:
        super().__init__(str(error))
        self.error = error


class SessionExpired(Rejected):
    """The session is unknown or over; the operation did not run."""


class PermissionDenied(Rejected):
    """The account may not do this."""


class JobUnfinished(ZStackError):
    """The job was still running when waiting ended."""

    def __init__(self, job_uuid: str) -> None:
        super().__init__("the job is still running")
        self.job_uuid = job_uuid
