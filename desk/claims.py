"""Who works on a row: claims, which end by themselves, so that no crash keeps one."""

from __future__ import annotations

import secrets
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, case, func, or_, select, update

from desk import tables, waking
from desk.records import Records
from desk.rows import digest, readable

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Update
    from sqlalchemy.sql.dml import ReturningUpdate

    from desk.command import Command
    from desk.store import Store
    from desk.vault import Vault

LEASE = 10.0  # seconds a claim lasts without a heartbeat
IN_A_ROW = 8  # claims that get nothing but what ZStack called back for

_rows = tables.command
_all = tables.command.alias()
# What a claim tells of all the others that wait.
_CROWD = (
    select(func.max(_all.c.called_at)).scalar_subquery().label("any_call_at"),
    select(func.count())
    .where(_all.c.due.is_not(None), _all.c.step.in_(waking.FOR_ZSTACK))
    .scalar_subquery()
    .label("waiting"),
)


class Claims(Records):
    """The rows of `command`, and who works on which."""

    def __init__(self, store: Store, vault: Vault) -> None:
        super().__init__(store, vault)
        self._handed: list[Command] = []
        self._in_a_row = 0

    async def claim(self, limit: int) -> list[Command]:
        """Take due rows that nobody holds, the longest waiting first.

        What ZStack called back for is claimed already, and comes before all others; not
        for ever, or calls in close succession would keep the others waiting.
        """
        if self._handed and self._in_a_row < IN_A_ROW:
            self._in_a_row += 1
            return self._hand_out(limit)
        given = {"limit": limit, "token": secrets.token_hex(16)}
        async with self.store.write() as connection:
            found = await connection.execute(self.store.once(_take), given)
            rows = found.mappings().all()
        self._in_a_row = 0
        others = readable(self._vault, sorted(rows, key=itemgetter("due")))
        return others + self._hand_out(limit - len(others))

    def _hand_out(self, limit: int) -> list[Command]:
        handed, self._handed = self._handed[:limit], self._handed[limit:]
        return handed

    async def next_due(self) -> float | None:
        """Seconds until there is something to claim; None when nothing waits."""
        return 0.0 if self._handed else await super().next_due()

    async def called(self, job_uuid: str) -> bool:
        """Note that ZStack called back about a job; False when no row waits for it.

        Such a row is due, and the next claim hands it out.
        """
        given = {"job": digest(job_uuid), "token": secrets.token_hex(16)}
        async with self.store.write() as connection:
            noted = await connection.execute(self.store.once(_called), given)
            rows = noted.mappings().all()
            if not rows:  # too late for it, but it tells that ZStack calls back
                job = {"job": given["job"]}
                await connection.execute(self.store.once(_late), job)
        free = [row for row in rows if row["claim"] == given["token"]]
        if free:
            self._handed += readable(self._vault, free)
            self.store.work.ring()  # here alone: nobody else may take it
        return bool(rows)

    async def give_back(self) -> None:
        """Let others have at once what was handed out and nobody here will take up."""
        claims = [row.claim for row in self._hand_out(len(self._handed))]
        if not claims:
            return
        async with self.store.write(self.store.work) as connection:
            await connection.execute(
                update(_rows)
                .where(_rows.c.claim.in_(claims))
                .values(claim=None, lease=None)
            )

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


def _called(now: ColumnElement[float]) -> ReturningUpdate[Any]:
    is_its = (
        _rows.c.job_digest == bindparam("job"),
        _rows.c.step.in_(waking.FOR_ZSTACK),
    )
    mine = {"claim": bindparam("token"), "lease": now + LEASE}
    taken = {
        name: case((_free(now), value), else_=_rows.c[name])
        for name, value in mine.items()
    }
    # Whoever takes it up now looks after the call; whoever holds it may have just looked.
    woken_at = case((_free(now), _rows.c.woken_at), else_=now)
    return (
        update(_rows)
        .where(*is_its)
        .values(taken | {"due": now, "woken_at": woken_at, "called_at": now})
        .returning(*_claimed(now))
    )


def _late(now: ColumnElement[float]) -> Update:
    is_its = (_rows.c.job_digest == bindparam("job"), _rows.c.finished_at.is_not(None))
    return update(_rows).where(*is_its).values(called_at=now)


def _free(now: ColumnElement[float]) -> ColumnElement[bool]:
    return or_(_rows.c.claim.is_(None), _rows.c.lease < now)


def _claimed(now: ColumnElement[float]) -> tuple[Any, ...]:
    return (_rows, now.label("claimed_at"), *_CROWD)
