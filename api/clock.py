"""The two clocks: dates as ZStack reads them, and how far ours is ahead of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime, parsedate_to_datetime

# From 12 hours behind UTC to 14 ahead: within a half hour every zone is close enough.
_ZONES = [timezone(timedelta(minutes=30 * step)) for step in range(-24, 29)]


def date_header(moment: datetime) -> str:
    """Write `Date` for an access key: the wall clock of `moment`'s zone, in English.

    By default ZStack compares the wall clocks and only has to be able to read the zone
    (protocol.md §2).
    """
    name = moment.tzname() or ""
    zone = name if name.isascii() and name.isalpha() else "GMT"
    return format_datetime(moment).rpartition(" ")[0] + f" {zone}"


def likely_zones() -> list[timezone]:
    """Every zone that ZStack may be in, those nearest to our own first."""
    ours = datetime.now().astimezone().utcoffset() or timedelta()
    return sorted(_ZONES, key=lambda zone: abs(zone.utcoffset(None) - ours))


def ahead_of(date: str | None) -> float | None:
    """Seconds that we are ahead of an answer's `Date`; None when it has none."""
    try:
        theirs = parsedate_to_datetime(date or "")
        return (datetime.now(UTC) - theirs).total_seconds()
    except (ValueError, TypeError):
        return None
