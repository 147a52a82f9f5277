"""Whether a group of alerts still fires, for whoever presses one of its buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from desk import tables
from desk.alerts.alert import Status
from desk.alerts.standing import Telling, standings

if TYPE_CHECKING:
    from desk.store import Store

_alerts = tables.alert


async def fires(store: Store, group_id: str) -> bool:
    """Whether one of its alerts fires, by all that was told of them until now."""
    names = (_alerts.c.number, _alerts.c.own_key, _alerts.c.status, _alerts.c.at)
    query = select(*names).where(_alerts.c.group_id == group_id)
    async with store.read() as connection:
        found = await connection.execute(query)
        told = [
            Telling(it.number, it.own_key, Status(it.status), it.at) for it in found
        ]
    return any(it.is_firing for it in standings(told))
