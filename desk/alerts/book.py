"""The durable record of alerts: each telling once, in the group that is open for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from desk import tables
from desk.alerts.alert import Status
from desk.patience import promptly
from desk.rows import public_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from desk.alerts.alert import Alert
    from desk.store import Store

PAUSE = 1.0  # seconds in which changes of a group are gathered
_AT_ONCE = 500  # rows of one statement; databases bound what they take

_alerts, _groups = tables.alert, tables.alert_group


@promptly
async def record(store: Store, alerts: Sequence[Alert]) -> int:
    """Record what was not known yet, and let its cards be drawn; how many that were.

    Returns after the commit. Raises StoreUnavailable when nothing was recorded,
    NotConfirmed when that is not known.
    """
    if not alerts:
        return 0
    try:
        return await _record(store, alerts)
    except IntegrityError:  # another replica just opened the group, or has the same
        return await _record(store, alerts)


async def _record(store: Store, alerts: Sequence[Alert]) -> int:
    groups: dict[str, dict[str, Alert]] = {}
    for alert in alerts:
        groups.setdefault(alert.group_key, {})[alert.key] = alert
    async with store.write(store.alerts) as connection:
        return sum([await _take(store, connection, *group) for group in groups.items()])


async def _take(
    store: Store, connection: AsyncConnection, group_key: str, told: dict[str, Alert]
) -> int:
    """Record the tellings of one group, whose row is locked until the commit."""
    held = await _open_group(connection, group_key)
    known = await _known(connection, list(told))
    fresh = {key: alert for key, alert in told.items() if key not in known}
    if not fresh:
        return 0
    fires = await _fires(connection, list(fresh.values()))
    group_id = held or (None if fires else await _last_group(connection, group_key))
    if not group_id:
        group_id = await _make_group(store, connection, fresh, is_open=fires)
    now = (await connection.execute(select(store.now()))).scalar_one()
    rows = [_row(key, alert, group_id, now) for key, alert in fresh.items()]
    for some in _parts(rows):
        await connection.execute(insert(_alerts), some)
    if held or fires:
        await stir(store, connection, group_id, more=next(iter(fresh.values())).more)
    return len(fresh)


async def _open_group(connection: AsyncConnection, group_key: str) -> str | None:
    query = select(_groups.c.id).where(_groups.c.open_key == group_key)
    return (await connection.execute(query.with_for_update())).scalar()


async def _last_group(connection: AsyncConnection, group_key: str) -> str | None:
    query = select(_groups.c.id).where(_groups.c.key == group_key)
    query = query.order_by(_groups.c.opened_at.desc(), _groups.c.id).limit(1)
    return (await connection.execute(query)).scalar()


async def _make_group(
    store: Store, connection: AsyncConnection, fresh: dict[str, Alert], *, is_open: bool
) -> str:
    """Make a group; one that only heard of ends is closed, and never shown."""
    first = next(iter(fresh.values()))
    group_id = public_id()
    now = store.now()
    values = {
        "id": group_id,
        "key": first.group_key,
        "open_key": first.group_key if is_open else None,
        "source": first.source,
        "due": now if is_open else None,
        "opened_at": now,
        "changed_at": now,
        "closed_at": None if is_open else now,
    }
    await connection.execute(insert(_groups).values(values))
    return group_id


async def _known(connection: AsyncConnection, keys: list[str]) -> set[str]:
    found: set[str] = set()
    for some in _parts(keys):
        query = select(_alerts.c.key).where(_alerts.c.key.in_(some))
        found |= set((await connection.execute(query)).scalars())
    return found


async def _fires(connection: AsyncConnection, fresh: list[Alert]) -> bool:
    """Whether something fires now, other than what is known to have ended since."""
    firing = [alert for alert in fresh if alert.status is Status.FIRING]
    ends: dict[str, float] = {}
    for some in _parts([alert.own_key for alert in firing if alert.at is not None]):
        query = (
            select(_alerts.c.own_key, func.max(_alerts.c.at))
            .where(_alerts.c.own_key.in_(some))
            .where(_alerts.c.status == Status.RESOLVED)
            .group_by(_alerts.c.own_key)
        )
        ends |= {row[0]: row[1] for row in await connection.execute(query)}
    return any(
        alert.at is None or ends.get(alert.own_key, -1.0) < alert.at for alert in firing
    )


def _row(key: str, alert: Alert, group_id: str, now: float) -> dict[str, Any]:
    return {
        "key": key,
        "group_id": group_id,
        "own_key": alert.own_key,
        "status": alert.status,
        "at": now if alert.at is None else alert.at,
        "recorded_at": now,
        "told": alert.model_dump(mode="json", exclude_defaults=True),
    }


async def stir(
    store: Store, connection: AsyncConnection, group_id: str, **changes: Any
) -> None:
    """Change a group and let its card be drawn anew: once for what comes together."""
    now = store.now()
    await connection.execute(
        update(_groups)
        .where(_groups.c.id == group_id)
        .values(
            due=func.coalesce(_groups.c.due, now + PAUSE),
            version=_groups.c.version + 1,
            changed_at=now,
            **changes,
        )
    )


def _parts(rows: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(rows), _AT_ONCE):
        yield rows[start : start + _AT_ONCE]
