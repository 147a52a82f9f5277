"""The copy of the audit in a channel: each new row once, as a line of a message.

The rows are put into the outbox in the transaction that moves the cursor. There is one
message at a time; what happens until it stands is for the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select

from desk import audit, tables
from desk.audit_line import line, read
from desk.cursor import Cursor
from desk.notice import Notice, Slot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.ext.asyncio import AsyncConnection

    from desk.chain import Link
    from desk.desk import Desk

ROWS = 30  # of a message: with lines of 300 characters it is within Slack's limits
_NAME = "audit channel"

_box = tables.message
_is_untold = _box.c.told < _box.c.version


class AuditChannel:
    """Tells a channel what is new; how far it came stands in the database."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._store = desk.store
        self._cursor = Cursor(desk.store, _NAME)

    async def catch_up(self) -> None:
        """Put what is new into the outbox, unless something waits there."""
        channel = self._desk.policy().audit.channel
        known = await self._cursor.read()
        if not known:
            if channel:
                await self._begin(channel)
        elif not channel:
            await self._end(known)
        elif (after := await self._told_up_to(known, channel)) is not None:
            links = await audit.page(self._store, after=after, limit=ROWS)
            if links:
                await self._put(known, channel, after, links)

    async def _begin(self, channel: str) -> None:
        """Leave out what was before."""
        newest = select(func.coalesce(func.max(tables.audit.c.number), 0))
        async with self._store.write() as connection:
            number = (await connection.execute(newest)).scalar_one()
            await self._cursor.begin(connection, _place(channel, number, number))

    async def _end(self, known: dict[str, Any]) -> None:
        """Tell nothing more; another channel begins with what comes then."""
        async with self._store.write() as connection:
            await _withdraw(connection, known)
            await self._cursor.forget(connection)

    async def _told_up_to(self, known: dict[str, Any], channel: str) -> int | None:
        """The last row that is told; None while a message is on its way.

        One that waits for another channel, or that no key opens, is put anew.
        """
        query = select(_box.c.gave_up).where(_is_message(known), _is_untold)
        async with self._store.read() as connection:
            waits = (await connection.execute(query)).first()
        if not waits:
            return int(known["until"])
        is_lost = waits.gave_up or known["channel"] != channel
        return int(known["after"]) if is_lost else None

    async def _put(
        self, known: dict[str, Any], channel: str, after: int, links: Sequence[Link]
    ) -> None:
        place = _place(channel, after, links[-1].number)
        notice = _notice(place, links, await self._names(links))
        async with self._store.write(self._store.mail) as connection:
            if (await self._cursor.locked(connection))[0] != known:
                return  # another replica was faster
            await _withdraw(connection, known)
            room = self._desk.room(channel)
            await self._desk.outbox.put(connection, room, notice)
            await self._cursor.move(connection, place)

    async def _names(self, links: Sequence[Link]) -> dict[str, str]:
        entries = filter(None, map(read, links))
        people = {person for entry in entries for person in entry.people}
        names = self._desk.directory.names
        return {person.key: (await names(person))[0] for person in people}


def _place(channel: str, after: int, until: int) -> dict[str, Any]:
    return {"channel": channel, "after": after, "until": until}


def _id(place: dict[str, Any]) -> str:
    return f"audit-{place['after'] + 1}-{place['until']}"


def _is_message(known: dict[str, Any]) -> ColumnElement[bool]:
    return _box.c.command_id == _id(known)


async def _withdraw(connection: AsyncConnection, known: dict[str, Any]) -> None:
    untold = delete(_box).where(_is_message(known), _is_untold)
    await connection.execute(untold)


def _notice(
    place: dict[str, Any], links: Sequence[Link], names: dict[str, str]
) -> Notice:
    return Notice(
        slot=Slot.AUDIT,
        command_id=_id(place),
        title="Audit",
        lines=tuple(line(link, names) for link in links),
        summary=f"{links[-1].number}:{links[-1].hash}",
        copy_in=place["channel"],
    )
