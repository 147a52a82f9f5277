"""Waking a row that waits for ZStack, for its turn, for its children, or for others' word.

A worker may be busy with the row at that moment, and about to put it to sleep. So the row
itself remembers when it was woken, and what it commits then does not make it wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Float, Select, bindparam, case, select, update

from desk import tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement, Update
    from sqlalchemy.ext.asyncio import AsyncConnection

    from desk.command import Command, Next
    from desk.store import Store

FOR_ZSTACK = ("sent.1", "follow.1")
_WAITS = (*FOR_ZSTACK, "turn.1", "batch.1", "approve.1")
_rows = tables.command


def waits(step: Next) -> bool:
    """Whether a row that goes to `step` sleeps there until something wakes it."""
    return step.step in _WAITS and step.due_in is not None


def unless_woken(
    now: ColumnElement[float], later: ColumnElement[float]
) -> ColumnElement[float]:
    """Put the moment `later` off, but to `now` for a row that was woken since its claim."""
    since = bindparam("claimed_at", type_=Float())
    return case((_rows.c.woken_at >= since, now), else_=later)


async def note_vote(
    connection: AsyncConnection, store: Store, row_id: str, question: str
) -> bool:
    """Note that somebody said something to a question; False when it is not open."""
    about = {"row_id": row_id, "asked": question}
    woken = await connection.execute(store.once(_voted), about)
    return bool(woken.rowcount)


async def wake_others(
    connection: AsyncConnection, store: Store, row: Command, written: Mapping[str, Any]
) -> None:
    """Wake who waits for what was just written of `row`: its turn given away, its end."""
    if written.get("turn", "kept") is None:
        await wake_next(connection, store, row)
    if "finished_at" in written and row.parent:
        await connection.execute(store.once(_parent), {"row_id": row.parent})


async def wake_next(connection: AsyncConnection, store: Store, row: Command) -> None:
    """Wake the first that waits for the turn which `row` gave away."""
    resource = {"resource": row.resource_uuid}
    await connection.execute(store.once(_next), resource)


def _voted(now: ColumnElement[float]) -> Update:
    is_open = (
        _rows.c.id == bindparam("row_id"),
        _rows.c.question == bindparam("asked"),
    )
    return _wake(now, select(_rows.c.id).where(*is_open, _rows.c.step == "approve.1"))


def _next(now: ColumnElement[float]) -> Update:
    same = _rows.c.resource_uuid == bindparam("resource")
    first = (
        select(_rows.c.id)
        .where(same, _rows.c.step == "turn.1")
        .order_by(_rows.c.accepted_at, _rows.c.id)
        .limit(1)
    )
    return _wake(now, first)


def _parent(now: ColumnElement[float]) -> Update:
    same = (_rows.c.id == bindparam("row_id"), _rows.c.step == "batch.1")
    return _wake(now, select(_rows.c.id).where(*same))


def _wake(now: ColumnElement[float], query: Select[Any]) -> Update:
    # PostgreSQL looks at the step again when somebody was just writing the row.
    return (
        update(_rows)
        .where(_rows.c.id == query.scalar_subquery(), _rows.c.step.in_(_WAITS))
        .values(due=now, woken_at=now)
    )
