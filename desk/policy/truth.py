"""Yes, no, or not known (None): what nobody can say must never open a door."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Truth = bool | None


def every(truths: Iterable[Truth]) -> Truth:
    """No when one is no; not known when one is not known."""
    found = set(truths)
    return False if False in found else None if None in found else True


def some(truths: Iterable[Truth]) -> Truth:
    """Yes when one is yes; not known when one is not known."""
    found = set(truths)
    return True if True in found else None if None in found else False
