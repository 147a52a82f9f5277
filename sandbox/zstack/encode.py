"""JSON as the server's Gson writes it (protocol.md 5)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from sandbox.zstack.settings import Settings

_ESCAPES = str.maketrans({mark: f"\\u{ord(mark):04x}" for mark in "<>&='\u2028\u2029"})
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905 - reads better
_PLAIN_DOUBLE = 1e7


def gson(value: Any, settings: Settings) -> str:
    """Write `value`; fields that are None are left out."""
    match value:
        case None | True | False:
            return json.dumps(value)
        case str():
            return json.dumps(value, ensure_ascii=False).translate(_ESCAPES)
        case int() | float():
            return _double(value) if settings.numbers_as_doubles else repr(value)
        case datetime():
            return gson(timestamp(value, settings), settings)
        case dict():
            fields = (
                f"{gson(name, settings)}:{gson(field, settings)}"
                for name, field in value.items()
                if field is not None
            )
            return f"{{{','.join(fields)}}}"
        case _:
            return f"[{','.join(gson(item, settings) for item in value)}]"


def timestamp(moment: datetime, settings: Settings) -> str:
    """Write a moment in the server's zone, which the text does not name."""
    local = moment.astimezone(ZoneInfo(settings.timezone))
    # Java 9 added the comma after the year, JDK 20 the narrow space.
    comma = "" if settings.timestamps == "java8" else ","
    space = "\u202f" if settings.timestamps == "java20" else " "
    date = f"{_MONTHS[local.month - 1]} {local.day}, {local.year}{comma}"
    time = f"{local.hour % 12 or 12}:{local:%M:%S}"
    return f"{date} {time}{space}{'AM' if local.hour < 12 else 'PM'}"  # noqa: PLR2004 - noon


def _double(number: float) -> str:
    """Write a number as Java's Double.toString does."""
    if abs(number) < _PLAIN_DOUBLE:
        return repr(float(number))
    mantissa, exponent = f"{number:.16e}".split("e")
    digits = mantissa.rstrip("0")
    return (
        f"{digits}0E{int(exponent)}"
        if digits[-1] == "."
        else f"{digits}E{int(exponent)}"
    )
