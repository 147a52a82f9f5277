"""How many commands one person may send; counted in the ledger, so over all replicas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from desk import tables
from desk.errors import UserError

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from desk.person import Person
    from desk.store import Store

_UNITS = {1: "second", 60: "minute", 3600: "hour"}
_rows = tables.command


class TooMany(UserError):
    """The person has sent as many commands as one may; this one was not accepted."""


@dataclass(frozen=True)
class Rate:
    """So many commands within so many seconds: 1, 60 or 3600."""

    count: int
    seconds: int

    async def check(
        self, connection: AsyncConnection, store: Store, person: Person
    ) -> None:
        """Raise TooMany when the newest of the rows of `person` is one too many.

        Asked after the row is inserted and before it is committed: what Slack delivers
        again finds its row, whatever the rate.
        """
        mine = (
            _rows.c.person_key == person.key,
            _rows.c.accepted_at > store.now() - self.seconds,
            _rows.c.parent.is_(None),
        )
        query = select(func.count()).select_from(_rows).where(*mine)
        if (await connection.execute(query)).scalar_one() > self.count:
            unit = _UNITS[self.seconds]
            message = (
                f"You have sent {self.count} commands within a {unit}, which is as many "
                f"as one may. This one was not accepted: send it again in a {unit}."
            )
            raise TooMany(message)
