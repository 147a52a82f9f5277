"""Sends each notice to the edge that made its Place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk.deliver import NOTHING
from desk.errors import Undeliverable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from desk.deliver import Deliver, Known, Receipt
    from desk.notice import Notice
    from desk.person import Place


class ByKind:
    """Delivers by the `kind` of the Place."""

    def __init__(self, kinds: Mapping[str, Deliver]) -> None:
        self._kinds = kinds

    async def deliver(
        self, place: Place, notice: Notice, known: Known = NOTHING
    ) -> Receipt:
        """Hand over to the right one; raises Undeliverable."""
        kind = self._kinds.get(str(place.get("kind")))
        if not kind:
            reason = "its place cannot be read: a key is missing from SECRET_KEYS"
            raise Undeliverable(reason)
        return await kind.deliver(place, notice, known)


class Silent:
    """For people who look by themselves, as the shell does."""

    async def deliver(
        self,
        place: Place,  # noqa: ARG002  # a Deliver's shape
        notice: Notice,  # noqa: ARG002  # a Deliver's shape
        known: Known = NOTHING,  # noqa: ARG002  # a Deliver's shape
    ) -> Receipt:
        """Count it as told."""
        return {"shell": True}
