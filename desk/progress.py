"""How often progress is told: Slack counts every edit, and outcomes must find room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, update

from desk import tables

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from desk.notice import Notice

SPACING = 5.0  # seconds between two edits of one message that only show progress
A_MINUTE = 40  # such edits of all messages; Slack takes about 50 of any kind
_MINUTE = 60.0
_NAME = "progress"  # the migration makes this row, so that it can be locked

_facts = tables.fact


def shows_progress(notice: Notice) -> bool:
    """Tell whether `notice` may wait for outcomes: how far a command has come, or an alert."""
    return bool(notice.stand) or (
        notice.progress is not None and not notice.outcome.is_final
    )


def spend(spent: list[float], wanted: int, now: float) -> list[float]:
    """Add to the moments of the last minute as many of `wanted` as there is room for."""
    recent = [at for at in spent if now - _MINUTE < at <= now]
    return recent + [now] * min(wanted, A_MINUTE - len(recent))


async def admit(connection: AsyncConnection, wanted: int, now: float) -> int:
    """How many of `wanted` edits may go now; counted over all replicas."""
    mine = _facts.c.name == _NAME
    read = select(_facts.c.value).where(mine).with_for_update()
    spent: list[float] = (await connection.execute(read)).scalar_one()
    after = spend(spent, wanted, now)
    await connection.execute(update(_facts).where(mine).values(value=after))
    return after.count(now) - spent.count(now)
