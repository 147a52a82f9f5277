"""What is still to be told: the desired state of every message, until it is there."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Protocol

import structlog
from pydantic import BaseModel, ConfigDict
from sqlalchemy import insert, or_, select, update

from desk import tables
from desk.notice import Notice, Slot
from desk.person import Place

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from desk.store import Store
    from desk.vault import Vault

Receipt = dict[str, Any]
"""Where a message came to stand, so that it can be edited. Opaque to the desk."""

LEASE = 30.0  # seconds; longer than one call to Slack may take
KEPT = 86_400.0  # seconds for which delivery is tried

_box = tables.message

log = structlog.get_logger()


class Deliver(Protocol):
    """Tells people; knows one kind of Place."""

    async def deliver(
        self,
        place: Place,
        notice: Notice,
        *,
        receipt: Receipt | None,
        anchor: Receipt | None,
    ) -> Receipt:
        """Post `notice`, or edit it where `receipt` says; `anchor` is the answer's receipt.

        Raises Undeliverable.
        """
        ...


class Message(BaseModel):
    """One message of the outbox, claimed for delivery."""

    model_config = ConfigDict(frozen=True)

    id: str
    command_id: str
    place: Place
    notice: Notice
    version: int
    receipt: Receipt | None = None
    claim: str | None = None
    attempts: int = 0
    age: float = 0


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
        if notice.slot is not Slot.ANSWER:
            slot += f":{row_id}"
        values = {
            "notice": self._vault.seal(
                notice.command_id, notice.model_dump(mode="json")
            ),
            "due": self._store.now(),
            "attempts": 0,
            "gave_up": False,
        }
        same = (_box.c.command_id == notice.command_id, _box.c.slot == slot)
        known = await connection.execute(
            update(_box).where(*same).values(**values, version=_box.c.version + 1)
        )
        if not known.rowcount:
            await connection.execute(
                insert(_box).values(
                    **values,
                    id=row_id,
                    command_id=notice.command_id,
                    slot=slot,
                    place=self._vault.seal(notice.command_id, place),
                    version=1,
                    created_at=self._store.now(),
                )
            )

    async def tell(self, place: Place, notice: Notice) -> None:
        """Say something that belongs to no step."""
        async with self._store.write() as connection:
            await self.put(connection, place, notice)
        self._store.mail.ring()

    async def claim(self, limit: int) -> list[Message]:
        """Take messages that are due, the oldest first."""
        now, token = self._store.now, secrets.token_hex(16)
        free = or_(_box.c.claim.is_(None), _box.c.lease < now())
        due = (
            select(_box.c.id)
            .where(_box.c.due <= now(), free)
            .order_by(_box.c.created_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        async with self._store.write() as connection:
            ids = (await connection.execute(due)).scalars().all()
            if not ids:
                return []
            await connection.execute(
                update(_box)
                .where(_box.c.id.in_(ids))
                .values(claim=token, lease=now() + LEASE)
            )
            held = (
                select(_box, (now() - _box.c.created_at).label("age"))
                .where(_box.c.claim == token)
                .order_by(_box.c.created_at)
            )
            rows = (await connection.execute(held)).mappings().all()
            messages = [self._message(row) for row in rows]
            sealed = [
                row["id"] for row, it in zip(rows, messages, strict=True) if not it
            ]
            if sealed:
                await self._give_up(connection, sealed)
        return [message for message in messages if message]

    async def _give_up(self, connection: AsyncConnection, ids: list[str]) -> None:
        """Let go of what no key opens, lest it stand in the way of the others."""
        log.error("answer_unreadable", messages=ids, hint="a key left SECRET_KEYS")
        await connection.execute(
            update(_box)
            .where(_box.c.id.in_(ids))
            .values(due=None, gave_up=True, claim=None, lease=None)
        )

    async def told(self, message: Message, receipt: Receipt) -> None:
        """Keep where a message stands; one that has changed meanwhile stays due."""
        async with self._store.write() as connection:
            held = (_box.c.id == message.id, _box.c.claim == message.claim)
            await connection.execute(
                update(_box)
                .where(*held)
                .values(told=message.version, receipt=receipt, claim=None, lease=None)
            )
            await connection.execute(
                update(_box)
                .where(_box.c.id == message.id, _box.c.version == message.version)
                .values(due=None)
            )

    async def postpone(self, message: Message, seconds: float | None) -> None:
        """Try again in `seconds`, or give up with None.

        What is to be said instead by now has not failed yet: it stays due.
        """
        held = (_box.c.id == message.id, _box.c.claim == message.claim)
        same = _box.c.version == message.version
        due = None if seconds is None else self._store.now() + seconds
        async with self._store.write() as connection:
            await connection.execute(
                update(_box)
                .where(*held, same)
                .values(due=due, gave_up=due is None, attempts=message.attempts + 1)
            )
            await connection.execute(
                update(_box).where(*held).values(claim=None, lease=None)
            )

    async def anchor(self, command_id: str) -> Receipt | None:
        """Where the ANSWER of a command stands, if it does."""
        query = select(_box.c.receipt).where(
            _box.c.command_id == command_id, _box.c.slot == str(Slot.ANSWER)
        )
        async with self._store.read() as connection:
            return (await connection.execute(query)).scalar()

    async def notices(self, command_id: str) -> list[tuple[Notice, bool]]:
        """Everything that was said of a command, oldest first, and whether it is told."""
        query = (
            select(_box)
            .where(_box.c.command_id == command_id)
            .order_by(_box.c.created_at)
        )
        async with self._store.read() as connection:
            found = (await connection.execute(query)).mappings().all()
        return [
            (self._notice(row), row["told"] >= row["version"])
            for row in found
            if self._vault.open(command_id, row["notice"])
        ]

    def _notice(self, row: Any) -> Notice:
        return Notice.model_validate(self._vault.open(row["command_id"], row["notice"]))

    def _message(self, row: Any) -> Message | None:
        owner = row["command_id"]
        place = self._vault.open(owner, row["place"])
        if place is None or self._vault.open(owner, row["notice"]) is None:
            return None
        return Message(
            id=row["id"],
            command_id=owner,
            place=place,
            notice=self._notice(row),
            version=row["version"],
            receipt=row["receipt"],
            claim=row["claim"],
            attempts=row["attempts"],
            age=row["age"],
        )
