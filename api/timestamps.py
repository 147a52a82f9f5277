"""Every form in which ZStack writes a moment, as an aware datetime."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

# The month is English whatever the server's locale, the zone is the server's own and
# not in the text; Java 9 added the second comma, Java 20 the narrow space (protocol.md §5).
_JAVA = re.compile(
    r"([A-Z][a-z]{2}) (\d{1,2}), (\d{4}),? (\d{1,2}):(\d{2}):(\d{2})[ \u202f]([AP]M)"
)
_OFFSET = re.compile(r"(?:GMT|UTC)?([+-])(\d{1,2}):?(\d{2})?")
_MONTHS = [
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
]
_HALF_DAY = 12


def read_timestamp(value: object, zone: tzinfo = UTC) -> datetime | None:
    """Read a moment in `zone`: Java's text, ISO-8601 or epoch milliseconds.

    None for what is none of them: an inventory is worth showing without its date.
    """
    try:
        if isinstance(value, datetime):
            return value if value.tzinfo else value.replace(tzinfo=zone)
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value / 1000, UTC).astimezone(zone)
        return _read_text(value.strip(), zone) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None


def _read_text(text: str, zone: tzinfo) -> datetime:
    if text.isascii() and text.isdigit():
        return datetime.fromtimestamp(int(text) / 1000, UTC).astimezone(zone)
    java = _JAVA.fullmatch(text)
    if not java:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)
    month, day, year, hour, minute, second, half = java.groups()
    return datetime(
        int(year),
        _MONTHS.index(month) + 1,
        int(day),
        int(hour) % _HALF_DAY + (_HALF_DAY if half == "PM" else 0),
        int(minute),
        int(second),
        tzinfo=zone,
    )


def zone_of(name: str | None, offset: str | None) -> tzinfo:
    """The zone that ZStack names, else its offset (`+08:00`), else UTC."""
    try:
        return ZoneInfo(name or "")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        found = _OFFSET.fullmatch((offset or name or "").strip())
    if not found:
        return UTC
    sign, hours, minutes = found.groups()
    distance = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if distance >= timedelta(days=1):
        return UTC
    return timezone(distance if sign == "+" else -distance)
