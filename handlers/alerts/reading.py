"""Reading what alert sources write: leniently, or with one sentence that says why not."""

from __future__ import annotations

import contextlib
import json
import math
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

Model = TypeVar("Model", bound=BaseModel)

_WORDS = {
    "missing": "is missing",
    "string_type": "is no text",
    "tuple_type": "is no list",
    "dict_type": "is no JSON object",
    "model_type": "is no JSON object",
}
"""pydantic's findings, in the words of whoever writes JSON."""

_MILLISECONDS = 1e11  # seconds since the epoch are fewer for the next 3,000 years
_FIRST = datetime(1970, 1, 2, tzinfo=UTC)  # what is before means "never"


class Unreadable(Exception):
    """The body is not what its source sends; the text is one sentence that says why."""


def as_text(value: object) -> str:
    """Write any JSON value as text; raises Unreadable when it is nested too deeply."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:  # what is just not too deep to be read may be so here
        message = "The body is nested too deeply."
        raise Unreadable(message) from None


def _as_texts(value: object) -> object:
    if value is None:
        return {}
    if not isinstance(value, dict):
        return value
    return {as_text(name): as_text(inner) for name, inner in value.items()}


def _as_count(value: object) -> int:
    number = as_text(value)
    is_count = number.isascii() and number.isdigit()
    return int(number[:_DIGITS]) if is_count else 0


_DIGITS = 9  # what databases take as a number

Written = Annotated[str, BeforeValidator(as_text)]
"""A text; a number or anything else is taken as it is written."""

Texts = Annotated[dict[str, str], BeforeValidator(_as_texts)]
Count = Annotated[int, BeforeValidator(_as_count)]


class Payload(BaseModel):
    """A part of a body; whatever else there is in it is left alone."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def load(body: bytes) -> Any:
    """Read JSON; raises Unreadable."""
    try:
        return json.loads(body.decode())
    except (ValueError, RecursionError):
        message = "The body is not JSON in UTF-8."
        raise Unreadable(message) from None


def read(model: type[Model], value: object, sender: str) -> Model:
    """Read a part of a body; raises Unreadable, which names the first field at fault."""
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise Unreadable(_sentence(error, sender)) from None


def _sentence(error: ValidationError, sender: str) -> str:
    fault = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(map(str, fault["loc"])) or "the body"
    said = _WORDS.get(fault["type"], f"is wrong: {fault['msg'].lower()}")
    return f"This is not what {sender} sends: {where} {said}."


def moment(text: str) -> float | None:
    """Seconds since the epoch of an RFC 3339 time or a number; None for anything else."""
    with contextlib.suppress(ValueError, OverflowError):
        return _seconds(float(text))
    with contextlib.suppress(ValueError, OverflowError):
        when = datetime.fromisoformat(text)
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        seconds = when.timestamp() if when > _FIRST else 0.0
        # What is later cannot be written in every zone, and is no time of an alert.
        return seconds if 0 < seconds < _MILLISECONDS else None
    return None


def _seconds(number: float) -> float | None:
    if not math.isfinite(number) or number <= 0:
        return None
    seconds = number / 1000 if number > _MILLISECONDS else number
    return seconds if seconds < _MILLISECONDS else None
