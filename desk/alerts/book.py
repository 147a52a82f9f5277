"""The durable record of alerts: each telling once, in the group that is open for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import bindparam, case, func, insert, null, select, update
from sqlalchemy.exc import IntegrityError

from desk import tables
from desk.alerts.alert import Alert
from desk.alerts.recorded import (
    firing_of,
    known_of,
    last_group,
    open_group,
    parts,
    written,
)
from desk.patience import promptly
from desk.rows import public_id

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

    from desk.store import Store

BURST = 5  # new cards that a channel takes at once
EVERY = 2.0  # seconds between two more: half of what Slack takes there
PAUSE = 1.0  # seconds in which changes of a group are gathered

_alerts, _groups = tables.alert, tables.alert_group

log = structlog.get_logger()


class Book:
    """Records alerts. `route` names the channel of a group by its first alert, or none."""

    def __init__(self, store: Store, route: Callable[[Alert], str]) -> None:
        self._store = store
        self.route = route

    @promptly
    async def record(self, alerts: Sequence[Alert]) -> int:
        """Record what was not known yet, for cards to be drawn; how many that were.

        Returns after the commit. Raises StoreUnavailable when nothing was recorded,
        NotConfirmed when that is not known.
        """
        if not alerts:
            return 0
        try:
            return await self._record(alerts)
        except IntegrityError:  # another replica just opened the group, or has the same
            return await self._record(alerts)

    async def _record(self, alerts: Sequence[Alert]) -> int:
        groups: dict[str, dict[str, Alert]] = {}
        for alert in alerts:
            groups.setdefault(alert.group_key, {})[alert.key] = alert
        # No bell: cards are drawn at their own pace, and never for each delivery.
        async with self._store.write() as connection:
            # In one order everywhere: each locks its group until the commit.
            inserted = [
                await self._take(connection, *one) for one in sorted(groups.items())
            ]
        return sum(inserted)

    async def _take(
        self, connection: AsyncConnection, group_key: str, told: dict[str, Alert]
    ) -> int:
        """Record the tellings of one group, whose row is locked until the commit."""
        held = await open_group(connection, group_key)
        known = await known_of(connection, list(told))
        fresh = {key: it for key, it in told.items() if key not in known}
        changed = {
            key: it
            for key, it in told.items()
            if key in known and known[key].is_outdated(it, in_group=held)
        }
        if held and (fresh or changed):
            more = next(iter(told.values())).more
            await stir(self._store, connection, held, more=more)
        await _reword(connection, changed)
        await self._add(connection, fresh, held)
        return len(fresh)

    async def _add(
        self, connection: AsyncConnection, fresh: dict[str, Alert], held: str | None
    ) -> None:
        if not fresh:
            return
        alerts = list(fresh.values())
        group_id = held or await self._other_group(connection, alerts)
        rows = [_row(self._store, *one, group_id) for one in fresh.items()]
        for some in parts(rows):
            await connection.execute(insert(_alerts).values(some))

    async def _other_group(
        self, connection: AsyncConnection, fresh: Sequence[Alert]
    ) -> str:
        """Open a group for what fires; what does not goes to the one that was last."""
        firing = await firing_of(connection, fresh)
        if firing:
            return await self._open(connection, firing[0])
        last = await last_group(connection, fresh[0].group_key)
        return last or await self._make(connection, fresh[0], closed_at=self._now())

    async def _open(self, connection: AsyncConnection, first: Alert) -> str:
        """Open a group; new cards take turns in their channel."""
        channel, values = self.route(first), {"open_key": first.group_key}
        if channel:
            values |= await turn(self._store, connection, channel)
        else:
            log.error("alert_without_channel", hint="Set ALERT_CHANNEL.")
        return await self._make(connection, first, more=first.more, **values)

    async def _make(
        self, connection: AsyncConnection, first: Alert, **more: Any
    ) -> str:
        values = {
            "id": public_id(),
            "key": first.group_key,
            "source": first.source,
            "opened_at": self._now(),
            "changed_at": self._now(),
        }
        await connection.execute(insert(_groups).values(values | more))
        return str(values["id"])

    def _now(self) -> ColumnElement[float]:
        return self._store.now()

    async def catch_up(self) -> None:
        """Look for a channel for what had none; the policy may have one now."""
        lost = select(_groups.c.id).where(
            _groups.c.channel.is_(None), _groups.c.open_key.is_not(None)
        )
        async with self._store.write() as connection:
            ids = (await connection.execute(lost.with_for_update())).scalars().all()
            for group_id in ids:
                await self._find_channel(connection, group_id)

    async def _find_channel(self, connection: AsyncConnection, group_id: str) -> None:
        told = select(_alerts.c.told).where(_alerts.c.group_id == group_id)
        first = (
            await connection.execute(told.order_by(_alerts.c.number).limit(1))
        ).scalar_one()
        channel = self.route(Alert.model_validate(first))
        if channel:
            values = await turn(self._store, connection, channel)
            mine = _groups.c.id == group_id
            await connection.execute(update(_groups).where(mine).values(values))


async def turn(
    store: Store, connection: AsyncConnection, channel: str
) -> dict[str, Any]:
    """Take a turn for a new card in its channel: a burst, then one after the other."""
    now, same = store.now(), _groups.c.channel == channel
    last = select(func.coalesce(func.max(_groups.c.carded_at), 0.0), now).where(same)
    latest, moment = (await connection.execute(last)).one()
    at = max(moment, latest + EVERY)
    due = max(moment, at - (BURST - 1) * EVERY)
    return {"channel": channel, "carded_at": at, "due": due}


async def _reword(connection: AsyncConnection, changed: dict[str, Alert]) -> None:
    """Keep the words that were told last; when and how it stands remains."""
    if not changed:
        return
    mine = _alerts.c.key == bindparam("telling")
    words = [
        {"telling": key, "words": written(alert)} for key, alert in changed.items()
    ]
    query = update(_alerts).where(mine).values(told=bindparam("words"))
    await connection.execute(query, words)


def _row(store: Store, key: str, alert: Alert, group_id: str) -> dict[str, Any]:
    return {
        "key": key,
        "group_id": group_id,
        "own_key": alert.own_key,
        "status": alert.status,
        "at": store.now() if alert.at is None else alert.at,
        "recorded_at": store.now(),
        "told": written(alert),
    }


async def stir(
    store: Store, connection: AsyncConnection, group_id: str, **changes: Any
) -> None:
    """Change a group and let its card be drawn anew: once for what comes together."""
    now = store.now()
    soon = func.coalesce(_groups.c.due, now + PAUSE)
    await connection.execute(
        update(_groups)
        .where(_groups.c.id == group_id)
        .values(
            due=case((_groups.c.channel.is_(None), null()), else_=soon),
            version=_groups.c.version + 1,
            changed_at=now,
            **changes,
        )
    )
