"""A group of alerts as an object, claimed so that its card can be drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from desk.person import Person

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from desk.alerts.alert import Alert
    from desk.notice import Choice


@dataclass(frozen=True)
class Group:
    """What a source tells together. `more` are the alerts that it left out.

    `channel` is where its card stands.
    """

    id: str
    source: str
    version: int
    more: int
    channel: str
    person: Person | None = None
    claim: str | None = None
    attempts: int = 0


@dataclass(frozen=True)
class Extras:
    """What others add to a card: lines of text, and what can be pressed.

    `offers` are those behind the choices that are not kept yet (steps/finish.py).
    """

    lines: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    offers: tuple[dict[str, Any], ...] = ()


NOTHING = Extras()


class Extend(Protocol):
    """Adds to cards; may ask over the network, and raises nothing."""

    async def __call__(self, group: Group, alerts: Sequence[Alert]) -> Extras:
        """Add to the card of `group`; `alerts` are those it shows, firing first."""
        ...


async def add_nothing(group: Group, alerts: Sequence[Alert]) -> Extras:  # noqa: ARG001  # an Extend's shape
    """Leave a card as it is."""
    return NOTHING


def to_group(row: Mapping[Any, Any]) -> Group:
    """Read a row of the table."""
    names = ("id", "source", "version", "more", "channel", "claim", "attempts")
    person = row["person"]
    return Group(
        **{name: row[name] for name in names},
        person=Person.model_validate(person) if person else None,
    )
