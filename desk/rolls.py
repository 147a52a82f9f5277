"""Lists of people that are kept elsewhere: user groups, and who is on call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from desk.person import Person


class Unanswered(Exception):
    """Nobody can say; the text is half a sentence that says why."""


class Roll(Protocol):
    """A keeper of such lists; may ask over the network."""

    async def has(self, name: str, person: Person) -> bool:
        """Tell whether `person` is on the list `name`; raises Unanswered."""
        ...

    async def people(self, name: str, known: Iterable[Person]) -> frozenset[Person]:
        """Tell who is on it, at least of those `known` here; raises Unanswered."""
        ...

    async def size(self, name: str) -> int:
        """Tell how many are on it; raises Unanswered."""
        ...
