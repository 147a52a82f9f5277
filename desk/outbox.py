"""What is still to be told: the desired state of every message, until it is there."""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import bindparam, case, func, or_, select, update

from desk import tables
from desk.command import NOW, In
from desk.message import is_readable, read_message, read_notice
from desk.notice import Slot
from desk.progress import shows_progress
from desk.setting import added, assigned, given, shape
from desk.sorting import admitted, due

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Select, Update
    from sqlalchemy.ext.asyncio import AsyncConnection

    from desk.deliver import Receipt
    from desk.message import Message
    from desk.notice import Notice
    from desk.person import Place
    from desk.setting import Shape
    from desk.store import Store
    from desk.vault import Vault

LEASE = 20.0  # seconds; no delivery may take longer, a dead one is taken over then
_STRANGE = 30.0  # seconds after which another version may have taken it
_MARGIN = 2.0  # seconds of it that are left to write down how a delivery went

_box = tables.message

log = structlog.get_logger()


class Outbox:
    """Messages to people. The same command and ANSWER is one message, edited in place."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault

    async def put(
        self, connection: AsyncConnection, place: Place, notice: Notice
    ) -> None:
        """Say within a transaction what a message shall say."""
        row_id = secrets.token_hex(16)
        slot = str(notice.slot)
        if notice.slot is Slot.COPY:
            slot += f":{notice.copy_in}"
        elif notice.slot not in {Slot.ANSWER, Slot.AUDIT}:
            slot += f":{row_id}"
        values = {
            "notice": self._vault.seal(
                notice.command_id, notice.model_dump(mode="json")
            ),
            "is_progress": shows_progress(notice),
            "gave_up": False,
        }
        make = _progressed if shows_progress(notice) else _changed
        statement = self._store.once(make, shape(values))
        same = {"same_command": notice.command_id, "same_slot": slot}
        known = await connection.execute(statement, same | given(values))
        if not known.rowcount:
            values |= {
                "id": row_id,
                "command_id": notice.command_id,
                "slot": slot,
                "place": self._vault.seal(notice.command_id, place),
                "version": 1,
                "due": NOW,
                "created_at": NOW,
            }
            first = self._store.once(added, _box, shape(values))
            await connection.execute(first, given(values))

    async def tell(self, place: Place, notice: Notice) -> None:
        """Say something that belongs to no step."""
        async with self._store.write(self._store.mail) as connection:
            await self.put(connection, place, notice)

    async def claim(self, limit: int) -> list[Message]:
        """Take messages that are due.

        Each is marked as tried in the same transaction: whoever finds the mark later
        knows that it may have got through.
        """
        token, now = secrets.token_hex(16), self._store.now()
        until = asyncio.get_running_loop().time() + LEASE - _MARGIN
        async with self._store.write() as connection:
            found = await connection.execute(self._store.once(due), {"limit": limit})
            rows = await admitted(connection, found.mappings().all(), limit)
            if not rows:
                return []
            rows = await self._of_this_version(connection, rows)
            read = [
                read_message(self._vault, it, claim=token, until=until) for it in rows
            ]
            messages = [message for message in read if message]
            ids = {message.id for message in messages}
            await connection.execute(
                update(_box)
                .where(_box.c.id.in_(ids))
                .values(claim=token, lease=now + LEASE, tried_at=now)
            )
            if sealed := {row["id"] for row in rows} - ids:
                await self._give_up(connection, sealed)
        return messages

    async def next_due(self) -> float | None:
        """Seconds until a message is due that nobody holds; None when none waits."""
        async with self._store.read() as connection:
            return (await connection.execute(self._store.once(_next))).scalar()

    async def _of_this_version(
        self, connection: AsyncConnection, rows: list[Any]
    ) -> list[Any]:
        """Leave what another version wrote to that one, and let it stop nothing else."""
        strange = {row["id"] for row in rows if not is_readable(self._vault, row)}
        if strange:
            log.error("answer_of_another_version", messages=sorted(strange))
            await connection.execute(
                update(_box)
                .where(_box.c.id.in_(strange))
                .values(due=self._store.now() + _STRANGE)
            )
        return [row for row in rows if row["id"] not in strange]

    async def _give_up(self, connection: AsyncConnection, ids: set[str]) -> None:
        """Let go of what no key opens, lest it stand in the way of the others."""
        log.error(
            "answer_unreadable", messages=sorted(ids), hint="a key left SECRET_KEYS"
        )
        await connection.execute(
            update(_box)
            .where(_box.c.id.in_(ids))
            .values(due=None, gave_up=True, claim=None, lease=None)
        )

    async def told(self, message: Message, receipt: Receipt) -> None:
        """Keep where a message stands; one that has changed meanwhile stays due."""
        values = {"told": message.version, "receipt": receipt, "tried_at": None}
        if message.is_paced:
            values["progress_at"] = NOW
        await self._release(message, {"due": None}, attempts=0, **values)

    async def hold(self, message: Message, seconds: float) -> None:
        """Let a message wait for its turn, which is no failure."""
        again = {"due": In(seconds)}
        await self._release(message, again, tried_at=message.known.tried_at)

    async def postpone(
        self, message: Message, seconds: float | None, *, may_stand: bool
    ) -> None:
        """Try again in `seconds`, or give up with None.

        `may_stand`: it may have got through, which the next try has to know.
        """
        again = {
            "due": None if seconds is None else In(seconds),
            "gave_up": seconds is None,
            "attempts": message.attempts + 1,
        }
        tried = {} if may_stand else {"tried_at": message.known.tried_at}
        await self._release(message, again, **tried)

    async def _release(
        self, message: Message, again: dict[str, Any], **values: Any
    ) -> None:
        """End a claim that is still held.

        `again` is for the words that were tried. What is to be said instead by now has
        not been tried yet: it stays due.
        """
        statement = self._store.once(_released, shape(values), shape(again))
        tried = {"row_id": message.id, "held": message.claim, "tried": message.version}
        async with self._store.write() as connection:
            await connection.execute(statement, tried | given(values | again))

    async def notices(self, command_id: str) -> list[tuple[Notice, bool]]:
        """Everything that was said of a command, oldest first, and whether it is told."""
        query = (
            select(_box)
            .where(_box.c.command_id == command_id)
            .order_by(_box.c.created_at)
        )
        async with self._store.read() as connection:
            found = (await connection.execute(query)).mappings().all()
        read = [(read_notice(self._vault, row), row) for row in found]
        return [
            (notice, row["told"] >= row["version"]) for notice, row in read if notice
        ]


def _changed(now: ColumnElement[float], shape: Shape) -> Update:
    return _again(now, shape).values(due=now, attempts=0)


def _progressed(now: ColumnElement[float], shape: Shape) -> Update:
    # It hurries nothing that waits to be tried again.
    return _again(now, shape).values(due=func.coalesce(_box.c.due, now))


def _again(now: ColumnElement[float], shape: Shape) -> Update:
    same = (
        _box.c.command_id == bindparam("same_command"),
        _box.c.slot == bindparam("same_slot"),
    )
    values = assigned(_box, shape, now) | {"version": _box.c.version + 1}
    return update(_box).where(*same).values(values)


def _released(now: ColumnElement[float], values: Shape, again: Shape) -> Update:
    same = _box.c.version == bindparam("tried")
    chosen = {
        name: case((same, value), else_=_box.c[name])
        for name, value in assigned(_box, again, now).items()
    }
    held = (_box.c.id == bindparam("row_id"), _box.c.claim == bindparam("held"))
    free = {"claim": None, "lease": None}
    return update(_box).where(*held).values(assigned(_box, values, now) | chosen | free)


def _next(now: ColumnElement[float]) -> Select[float | None]:
    is_free = or_(_box.c.claim.is_(None), _box.c.lease < now)
    query = select(_box.c.due - now).where(_box.c.due.is_not(None), is_free)
    return query.order_by(_box.c.due).limit(1)
