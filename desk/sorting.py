"""Which messages may go now, and which of them first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, bindparam, case, exists, func, not_, null, or_, select

from desk import tables
from desk.notice import Slot
from desk.progress import SPACING, admit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.ext.asyncio import AsyncConnection

_SETTLING = 3.0  # seconds in which a post may still be on its way whose end nobody saw

_box = tables.message
_above = tables.message.alias("above")

# An edit that only shows progress; the first post of a message is never held back.
_is_paced = and_(_box.c.is_progress, _box.c.receipt.is_not(null()))
_last_progress = func.coalesce(_box.c.progress_at, 0.0)
_is_above = and_(
    _above.c.command_id == _box.c.command_id, _above.c.slot == str(Slot.ANSWER)
)
_is_audit = _box.c.slot == str(Slot.AUDIT)
# A reply waits for the answer above it, unless that was given up.
_must_wait = and_(
    _box.c.slot.like(f"{Slot.THREAD}:%"),
    exists().where(
        _is_above, _above.c.receipt.is_(null()), _above.c.due.is_not(null())
    ),
)


def due(now: ColumnElement[float]) -> Select[Any]:
    """Select what nobody holds and is due: the oldest first, then progress, then the audit.

    They are `limit` at most, a parameter. Of progress, the message goes first whose readers
    have heard nothing for longest.
    """
    is_free = or_(_box.c.claim.is_(None), _box.c.lease < now)
    is_fresh = func.coalesce(_box.c.tried_at, 0.0) > now - _SETTLING
    is_soon = and_(_is_paced, _last_progress > now - SPACING)
    return (
        select(
            _box,
            _is_paced.label("is_paced"),
            select(_above.c.receipt).where(_is_above).scalar_subquery().label("anchor"),
            now.label("read_at"),
        )
        .where(_box.c.due <= now, is_free, not_(is_fresh))
        .where(not_(is_soon), not_(_must_wait))
        .order_by(_is_audit, _is_paced, case((_is_paced, _last_progress), else_=0.0))
        .order_by(_box.c.created_at)
        .limit(bindparam("limit"))
        .with_for_update(skip_locked=True, of=_box)
    )


async def admitted(
    connection: AsyncConnection, rows: Sequence[Any], limit: int
) -> list[Any]:
    """Keep of `rows` only as much progress as may be told now.

    It never takes more than half of the hands that are free, so that the next outcome
    need not wait for a slow answer to progress.
    """
    others = [row for row in rows if not row["is_paced"]]
    paced = [row for row in rows if row["is_paced"]][: limit // 2]
    if not paced:
        return others
    room = await admit(connection, len(paced), paced[0]["read_at"])
    return others + paced[:room]
