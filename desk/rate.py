"""How many commands one person may send; counted in the ledger, so over all replicas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, not_, select

from desk import tables
from desk.errors import UserError

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from desk.request import Request
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
        self, connection: AsyncConnection, store: Store, request: Request
    ) -> None:
        """Raise TooMany when the newest row of a person is one too many.

        Asked after the row is inserted and before it is committed: what Slack delivers
        again finds its row, whatever the rate. What workflows ask in somebody's name is
        counted apart: it must not keep them from their own commands.
        """
        is_step = _rows.c.key.like("step:%")
        mine = (
            _rows.c.person_key == request.person.key,
            is_step if request.workflow else not_(is_step),
            _rows.c.accepted_at > store.now() - self.seconds,
            _rows.c.parent.is_(None),
        )
        query = select(func.count()).select_from(_rows).where(*mine)
        if (await connection.execute(query)).scalar_one() > self.count:
            unit = _UNITS[self.seconds]
            who = "Workflows" if request.workflow else "You"
            message = (
                f"{who} have sent {self.count} commands within a {unit}, which is as many "
                f"as one may. This one was not accepted: send it again in a {unit}."
            )
            raise TooMany(message)
