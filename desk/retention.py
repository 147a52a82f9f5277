"""How long things are kept: the ledger for a season, what can only be pressed for a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, exists, or_, select

from desk import tables

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Table

    from desk.store import Store

ROWS = 90 * 86_400.0  # seconds for which a command is kept after its end, and its key
DAY = 86_400.0
_AT_ONCE = 500  # rows of one transaction, so that nobody waits long for the next
_rows, _box = tables.command, tables.message
_groups, _alerts = tables.alert_group, tables.alert


async def sweep(store: Store) -> int:
    """Delete what nobody needs any more; how many rows that were."""
    now = store.now()
    is_of_row = exists().where(_rows.c.id == _box.c.command_id)
    is_of_group = exists().where(_groups.c.id == _box.c.command_id)
    has_group = exists().where(_groups.c.id == _alerts.c.group_id)
    is_kept = or_(is_of_row, is_of_group, _box.c.due.is_not(None))
    old = (
        (_rows, _rows.c.finished_at < now - ROWS),
        (_groups, _groups.c.changed_at < now - ROWS),
        (_alerts, ~has_group),
        (_box, and_(_box.c.created_at < now - ROWS, ~is_kept)),
        (tables.offer, tables.offer.c.expires < now - DAY),
        (tables.ticket, tables.ticket.c.expires < now - DAY),
        (tables.vote, tables.vote.c.at < now - ROWS),
        (tables.session, tables.session.c.expires < now - DAY),
    )
    return sum([await _delete(store, table, is_old) for table, is_old in old])


async def _delete(store: Store, table: Table, is_old: ColumnElement[bool]) -> int:
    (key,) = table.primary_key.columns
    # What is being written just now, as by a log-in, is not old any more.
    some = select(key).where(is_old).limit(_AT_ONCE).with_for_update(skip_locked=True)
    deleted = 0
    while True:
        async with store.write() as connection:
            done = await connection.execute(delete(table).where(key.in_(some)))
        deleted += done.rowcount
        if done.rowcount < _AT_ONCE:
            return deleted
