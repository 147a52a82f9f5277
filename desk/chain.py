"""A chain of texts: each holds its number, its moment and the hash of the one before."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

START = "0" * 64  # what the first link names as the hash before it


@dataclass(frozen=True)
class Link:
    """One row: `at` is in seconds since the epoch, `entry` the text that is hashed."""

    number: int
    at: float
    entry: str
    hash: str

    @property
    def line(self) -> str:
        """The entry as one line of JSON, with its hash at the end."""
        return f'{self.entry[:-1]},"hash":"{self.hash}"}}'


FIRST = Link(0, 0.0, "", START)
"""What stands before the first link."""


def extend(last: Link, at: float, facts: Mapping[str, Any]) -> Link:
    """Make the link behind `last`. Written in ASCII, so that every database keeps it."""
    place = {"number": last.number + 1, "at": _moment(at), "previous": last.hash}
    entry = json.dumps(place | dict(facts), separators=(",", ":"))
    return Link(last.number + 1, at, entry, _hash(entry))


def fault(last: Link, link: Link) -> str | None:
    """Say what is wrong with `link` behind `last`, or None; whatever was put there."""
    try:
        return _fault(last, link)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
        return "it is nothing that this bot writes"


def _fault(last: Link, link: Link) -> str | None:
    if link.number != last.number + 1:
        return f"it stands behind {last.number}: what was between is missing"
    if _hash(link.entry) != link.hash:
        return "its text is not the one that was hashed"
    entry = json.loads(link.entry)
    if entry["previous"] != last.hash:
        return "it does not follow the row before it"
    if (entry["number"], entry["at"]) != (link.number, _moment(link.at)):
        return "its number or its moment is not the one in its text"
    return None


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
