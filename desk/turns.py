"""Whose turn it is: commands on one resource run one after another, in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Select, and_, bindparam, func, or_, select, tuple_

from desk import tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.ext.asyncio import AsyncConnection

    from desk.command import Command

_SPACE = 0x7475726E  # of PostgreSQL's advisory locks, for those on resources
_LINE = ("decide.1", "resolve.1", "turn.1")
_rows = tables.command


class Ahead(NamedTuple):
    """Who is in front; without a resource it is not known yet what they mean."""

    id: str
    resource_uuid: str | None


def _ahead() -> Select[str, str | None]:
    other = _rows.alias()
    mine = tuple_(bindparam("accepted_at"), bindparam("id"))
    is_earlier = tuple_(other.c.accepted_at, other.c.id) < mine
    is_same = other.c.resource_uuid == bindparam("resource")
    may_be_same = and_(
        other.c.resource_uuid.is_(None),
        other.c.resource_name.in_(bindparam("aliases", expanding=True)),
    )
    in_line = and_(
        is_earlier,
        other.c.step.in_(_LINE),
        other.c.due.is_not(None),
        or_(is_same, may_be_same),
    )
    acts = other.c.turn == bindparam("resource")
    is_other = other.c.id != bindparam("id")
    return (
        select(other.c.id, other.c.resource_uuid)
        .where(is_other, other.c.finished_at.is_(None), or_(acts, in_line))
        .order_by(other.c.resource_uuid.is_(None))
        .limit(1)
    )


_AHEAD = _ahead()  # made once: to make it takes longer than to carry it out


async def ahead(connection: AsyncConnection, row: Command) -> Ahead | None:
    """Find who acts on the resource of `row` now, or was accepted earlier and will.

    What an earlier command means may not be known yet: then its words count. Whoever
    waits for a person keeps nobody waiting.
    """
    mine = {
        "id": row.id,
        "accepted_at": row.accepted_at,
        "resource": row.resource_uuid,
        "aliases": row.memo.aliases,
    }
    found = (await connection.execute(_AHEAD, mine)).first()
    return found and Ahead(found.id, found.resource_uuid)


async def stand_in_line(
    connection: AsyncConnection,
    row: Command,
    values: Mapping[str, Any],
) -> bool:
    """Let nobody else take or give the turn that `values` are about.

    True when nobody is in front of `row` any more, which is due at once then.

    On PostgreSQL, where several write, everybody takes this lock before any row: one writes
    its own row and then that of the next, another its own and then asks for the value that
    the first one holds. Who waits looks once more, because whoever gave the turn away
    meanwhile may not have seen it in line.
    """
    waits = values["step"] == "turn.1"
    if not row.resource_uuid or not (waits or "turn" in values):
        return False
    if connection.dialect.name == "postgresql":
        lock = func.pg_advisory_xact_lock(_SPACE, func.hashtext(row.resource_uuid))
        await connection.execute(select(lock))
    return waits and not await ahead(connection, row)


def others(row: Command) -> Select[Any]:
    """Count the earlier commands of its person that have not ended; a batch is one.

    Whatever waits for the person counts too: it may go on at any moment.
    """
    is_earlier = tuple_(_rows.c.accepted_at, _rows.c.id) < tuple_(
        row.accepted_at, row.id
    )
    return select(func.count()).where(
        _rows.c.person_key == row.person.key,
        _rows.c.finished_at.is_(None),
        _rows.c.parent.is_(None),
        _rows.c.id != row.parent,
        is_earlier,
    )
