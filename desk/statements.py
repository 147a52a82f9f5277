"""How a row of the ledger is written, for each set of columns that is set together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, update

from desk import tables, waking
from desk.setting import assigned

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

    from desk.setting import Shape

_rows = tables.command


def accepted(now: ColumnElement[float], shape: Shape) -> ReturningInsert[Any]:
    """Insert a row; it is returned."""
    return insert(_rows).values(assigned(_rows, shape, now)).returning(_rows)


def written(now: ColumnElement[float], shape: Shape) -> ReturningUpdate[Any]:
    """Set columns of the row `row_id` while the claim `held` holds; it is returned."""
    return _mine(now, assigned(_rows, shape, now))


def asleep(now: ColumnElement[float], shape: Shape) -> ReturningUpdate[Any]:
    """Set them so that the row sleeps until it is due, or has been woken since `claimed_at`."""
    values = assigned(_rows, shape, now)
    return _mine(now, values | {"due": waking.unless_woken(now, values["due"])})


def _mine(now: ColumnElement[float], values: dict[str, Any]) -> ReturningUpdate[Any]:
    mine = (_rows.c.id == bindparam("row_id"), _rows.c.claim == bindparam("held"))
    claimed_at = now.label("claimed_at")
    return update(_rows).where(*mine).values(values).returning(_rows, claimed_at)
