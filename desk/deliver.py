"""The way to people: what an edge does for its own kind of Place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from desk.notice import Notice
    from desk.person import Place

Receipt = dict[str, Any]
"""Where a message came to stand, so that it can be edited. Opaque to the desk."""


@dataclass(frozen=True)
class Known:
    """What is known of a message before it is tried.

    `receipt` says where it stands, `anchor` where the answer of its command does.
    `tried_at` is when a try began whose end nobody saw: it may have got through.
    """

    receipt: Receipt | None = None
    anchor: Receipt | None = None
    tried_at: float | None = None


NOTHING = Known()


class Deliver(Protocol):
    """Tells people; knows one kind of Place."""

    async def deliver(
        self, place: Place, notice: Notice, known: Known = NOTHING
    ) -> Receipt:
        """Post `notice`, or edit it where it stands; raises Undeliverable or NotYet."""
        ...
