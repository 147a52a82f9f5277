"""Setting columns by a statement that is made once for all that set the same ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Float, bindparam, insert

from desk.command import In

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement, Insert, Table

    Shape = tuple[tuple[str, bool], ...]  # names, and whether each is a moment from now

_NEW = "new_"  # a parameter must not be called as a column is


def shape(changes: Mapping[str, Any]) -> Shape:
    """What `changes` set, without the values; those that are In are moments from now."""
    return tuple((name, isinstance(it, In)) for name, it in sorted(changes.items()))


def assigned(table: Table, shape: Shape, now: ColumnElement[float]) -> dict[str, Any]:
    """The columns, each set to a parameter of the statement."""
    return {
        name: now + bindparam(_NEW + name, type_=Float())
        if is_moment
        else bindparam(_NEW + name, type_=table.c[name].type)
        for name, is_moment in shape
    }


def given(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The values for those parameters."""
    return {
        _NEW + name: it.seconds if isinstance(it, In) else it
        for name, it in changes.items()
    }


def added(now: ColumnElement[float], table: Table, shape: Shape) -> Insert:
    """Insert a row that sets these columns."""
    return insert(table).values(assigned(table, shape, now))
