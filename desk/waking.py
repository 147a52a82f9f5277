"""Waking a row that waits for ZStack, for its turn, for its children, or for others' word.

A worker may be busy with the row at that moment, and about to put it to sleep. So the row
itself remembers when it was woken, and what it commits then does not make it wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, case, null, select, update

from desk import tables

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

    from desk.command import Command, Next

_FOR_ZSTACK = ("sent.1", "follow.1")
_WAITS = (*_FOR_ZSTACK, "turn.1", "batch.1", "approve.1")
_rows = tables.command


def due(row: Command, step: Next, now: ColumnElement[float]) -> ColumnElement[Any]:
    """When the step shall be taken; at once, when its row was woken since the claim."""
    if step.due_in is None:
        return null()
    later = now + step.due_in
    if step.step not in _WAITS:
        return later
    return case((_rows.c.woken_at >= row.claimed_at, now), else_=later)


async def note_call(
    connection: AsyncConnection, row: Command, now: ColumnElement[float]
) -> bool:
    """Note that ZStack called back for a row; False when that waits for no job."""
    waiting = select(_rows.c.id).where(
        _rows.c.id == row.id, _rows.c.step.in_(_FOR_ZSTACK)
    )
    return await _wake(connection, waiting, now, called_at=now)


async def note_vote(
    connection: AsyncConnection, row_id: str, question: str, now: ColumnElement[float]
) -> bool:
    """Note that somebody said something to a question; False when it is not open."""
    is_open = (_rows.c.id == row_id, _rows.c.question == question)
    waiting = select(_rows.c.id).where(*is_open, _rows.c.step == "approve.1")
    return await _wake(connection, waiting, now)


async def wake_others(
    connection: AsyncConnection,
    row: Command,
    written: dict[str, Any],
    now: ColumnElement[float],
) -> None:
    """Wake who waits for what was just written of `row`: its turn given away, its end."""
    if written.get("turn", "kept") is None:
        await wake_next(connection, row, now)
    if "finished_at" in written:
        await wake_parent(connection, row, now)


async def wake_next(
    connection: AsyncConnection, row: Command, now: ColumnElement[float]
) -> None:
    """Wake the first that waits for the turn which `row` gave away."""
    first = (
        select(_rows.c.id)
        .where(_rows.c.resource_uuid == row.resource_uuid, _rows.c.step == "turn.1")
        .order_by(_rows.c.accepted_at, _rows.c.id)
        .limit(1)
    )
    await _wake(connection, first, now)


async def wake_parent(
    connection: AsyncConnection, row: Command, now: ColumnElement[float]
) -> None:
    """Wake the batch that `row` is a part of, if it is."""
    if row.parent:
        same = (_rows.c.id == row.parent, _rows.c.step == "batch.1")
        await _wake(connection, select(_rows.c.id).where(*same), now)


async def _wake(
    connection: AsyncConnection,
    query: Select[Any],
    now: ColumnElement[float],
    **values: Any,
) -> bool:
    # PostgreSQL looks at the step again when somebody was just writing the row.
    woken = await connection.execute(
        update(_rows)
        .where(_rows.c.id == query.scalar_subquery(), _rows.c.step.in_(_WAITS))
        .values(due=now, woken_at=now, **values)
    )
    return bool(woken.rowcount)
