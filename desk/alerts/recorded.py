"""What is recorded of alerts already: read while one delivery is taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import func, select

from desk import tables
from desk.alerts.alert import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from desk.alerts.alert import Alert

_AT_ONCE = 500  # rows of one statement; databases bound what they take

_alerts, _groups = tables.alert, tables.alert_group


async def open_group(connection: AsyncConnection, group_key: str) -> str | None:
    """The group that is open for it, locked until the commit."""
    query = select(_groups.c.id).where(_groups.c.open_key == group_key)
    return (await connection.execute(query.with_for_update())).scalar()


async def last_group(connection: AsyncConnection, group_key: str) -> str | None:
    """The group that was opened last, open or not."""
    query = select(_groups.c.id).where(_groups.c.key == group_key)
    query = query.order_by(_groups.c.opened_at.desc(), _groups.c.id).limit(1)
    return (await connection.execute(query)).scalar()


class Known(NamedTuple):
    """A telling as it is recorded."""

    group_id: str
    told: dict[str, Any]

    def is_outdated(self, alert: Alert, *, in_group: str | None) -> bool:
        """Whether it has other words by now: of an open group, whose card shows them."""
        return self.group_id == in_group and self.told != written(alert)


async def known_of(connection: AsyncConnection, keys: list[str]) -> dict[str, Known]:
    """The tellings among `keys` that are recorded."""
    found: dict[str, Known] = {}
    for some in parts(keys):
        query = select(_alerts.c.key, _alerts.c.group_id, _alerts.c.told)
        rows = await connection.execute(query.where(_alerts.c.key.in_(some)))
        found |= {row.key: Known(row.group_id, row.told) for row in rows}
    return found


async def firing_of(connection: AsyncConnection, fresh: Sequence[Alert]) -> list[Alert]:
    """Those that fire now, other than what is known to have ended since."""
    firing = [alert for alert in fresh if alert.status is Status.FIRING]
    ends: dict[str, float] = {}
    for some in parts([alert.own_key for alert in firing if alert.at is not None]):
        query = (
            select(_alerts.c.own_key, func.max(_alerts.c.at))
            .where(_alerts.c.own_key.in_(some))
            .where(_alerts.c.status == Status.RESOLVED)
            .group_by(_alerts.c.own_key)
        )
        ends |= {row[0]: row[1] for row in await connection.execute(query)}
    return [
        alert
        for alert in firing
        if alert.at is None or ends.get(alert.own_key, -1.0) < alert.at
    ]


def written(alert: Alert) -> dict[str, Any]:
    """An alert as it is recorded."""
    return alert.model_dump(mode="json", exclude_defaults=True)


def parts(rows: list[Any]) -> Iterator[list[Any]]:
    """As many as one statement may take, at a time."""
    for start in range(0, len(rows), _AT_ONCE):
        yield rows[start : start + _AT_ONCE]
