"""Who works on a row: claims, which end by themselves, so that no crash keeps one."""

from __future__ import annotations

import secrets
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, or_, select, update

from desk import tables, waking
from desk.records import Records
from desk.rows import readable

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Update
    from sqlalchemy.sql.dml import ReturningUpdate

    from desk.command import Command

LEASE = 10.0  # seconds a claim lasts without a heartbeat

_rows = tables.command
_all = tables.command.alias()
# What a claim tells of all the others that wait.
_CROWD = (
    select(func.max(_all.c.called_at)).scalar_subquery().label("any_call_at"),
    select(func.count())
    .where(_all.c.due.is_not(None))
    .scalar_subquery()
    .label("waiting"),
)


class Claims(Records):
    """The rows of `command`, and who works on which."""

    async def claim(self, limit: int) -> list[Command]:
        """Take due rows that nobody holds, the longest waiting first."""
        given = {"limit": limit, "token": secrets.token_hex(16)}
        async with self.store.write() as connection:
            found = await connection.execute(self.store.once(_take), given)
            rows = found.mappings().all()
        return readable(self._vault, sorted(rows, key=itemgetter("due")))

    async def called(self, row: Command) -> bool:
        """Note that ZStack called back for `row`, which is then due; False when late."""
        async with self.store.write(self.store.work) as connection:
            noted = await connection.execute(
                self.store.once(_called), {"row_id": row.id}
            )
        return bool(noted.rowcount)

    async def heartbeat(self, row: Command) -> bool:
        """Hold a claim for another lease; False when it is lost."""
        async with self.store.write() as connection:
            done = await connection.execute(
                update(_rows)
                .where(_rows.c.id == row.id, _rows.c.claim == row.claim)
                .values(lease=self.store.now() + LEASE)
            )
        return bool(done.rowcount)

    async def postpone(self, row: Command, seconds: float) -> None:
        """Give a row back after a fault of ours, to be tried again later."""
        async with self.store.write() as connection:
            await connection.execute(
                update(_rows)
                .where(_rows.c.id == row.id, _rows.c.claim == row.claim)
                .values(
                    due=self.store.now() + seconds,
                    attempts=row.attempts + 1,
                    claim=None,
                    lease=None,
                )
            )


def _take(now: ColumnElement[float]) -> ReturningUpdate[Any]:
    due = (
        select(_rows.c.id)
        .where(_rows.c.due <= now, _free(now))
        .order_by(_rows.c.due)
        .limit(bindparam("limit"))
        .with_for_update(skip_locked=True)
        .cte()
    )
    return (
        update(_rows)
        .where(_rows.c.id.in_(select(due.c.id)))
        .values(claim=bindparam("token"), lease=now + LEASE)
        .returning(*_claimed(now))
    )


def _called(now: ColumnElement[float]) -> Update:
    is_its = (_rows.c.id == bindparam("row_id"), _rows.c.step.in_(waking.FOR_ZSTACK))
    called = {"due": now, "woken_at": now, "called_at": now}
    return update(_rows).where(*is_its).values(called)


def _free(now: ColumnElement[float]) -> ColumnElement[bool]:
    return or_(_rows.c.claim.is_(None), _rows.c.lease < now)


def _claimed(now: ColumnElement[float]) -> tuple[Any, ...]:
    return (_rows, now.label("claimed_at"), *_CROWD)
