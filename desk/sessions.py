"""Person → ZStack session: a cache in front of an encrypted table."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from cachetools import TTLCache
from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from api.errors import SessionExpired, ZStackError
from api.operations import LogOut
from desk import audit, tables
from desk.credentials import PROBE
from desk.errors import UserError
from desk.held import Held
from desk.person import SERVICE
from desk.service import KeyRefused, NoServiceKey

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.ext.asyncio import AsyncConnection

    from api.client import Cloud
    from api.operation import Operation
    from desk.person import Person
    from desk.store import Store
    from desk.vault import Vault

Reply = TypeVar("Reply")

SHIFT = 12 * 3600.0  # seconds that "Keep for my shift" lasts
_CACHED = 0.5  # seconds; so soon a logout on another replica is known here
_TOUCHED = 60.0
_PARTS = 2  # bars in the key of a person; a third stands before the name of a cloud

_sessions = tables.session


class LoginNeeded(UserError):
    """The person has no living ZStack session; the text is why, when that is known."""


class Sessions:
    """The sessions of everybody. What expires at ZStack slides here with it."""

    def __init__(
        self,
        store: Store,
        vault: Vault,
        cloud: Cloud,
        service: Held | None = None,
        *,
        name: str = "",
    ) -> None:
        self._store = store
        self._vault = vault
        self._cloud = cloud
        self._service = service
        self._name = name
        self._cache: TTLCache[str, Held] = TTLCache(4096, _CACHED)
        self._touched: TTLCache[str, bool] = TTLCache(4096, _TOUCHED)
        self._loading = asyncio.Lock()

    async def get(self, person: Person) -> Held | None:
        """Find a session that should still live, or an access key."""
        if person == SERVICE:
            return self._service
        key = self._key(person.key)
        async with self._loading:
            if key not in self._cache:
                held = await self._load(key)
                if not held:
                    return None
                self._cache[key] = held
            return self._cache[key]

    def _key(self, person_key: str) -> str:
        """Whose session it is, and at which of several clouds."""
        return f"{person_key}|{self._name}" if self._name else person_key

    def _is_mine(self, key: str) -> bool:
        *_, last = key.split("|", 3)
        return last == self._name if key.count("|") > _PARTS else not self._name

    async def call(self, person: Person, operation: Operation[Reply]) -> Reply:
        """Ask ZStack as `person`; raises LoginNeeded or a ZStackError."""
        held = await self.need(person)
        try:
            reply = await self._cloud.call(operation, held.auth)
        except SessionExpired:
            if await self.lose(person, held):
                raise LoginNeeded(held.lost) from None
            return await self.call(person, operation)  # there is a newer session
        await self.touch(held)
        return reply

    async def need(self, person: Person) -> Held:
        """Find a session or raise LoginNeeded; for SERVICE, UserError."""
        held = await self.get(person)
        if not held:
            raise NoServiceKey if person == SERVICE else LoginNeeded
        return held

    async def keep(self, held: Held, told: Mapping[str, Any] | None = None) -> Held:
        """Keep what proves somebody instead of the one before, which ends at ZStack too.

        The audit is `told` in the same transaction.
        """
        held = replace(held, person_key=self._key(held.person_key))
        before = await self._save(held, told)
        if before and before.session_uuid != held.session_uuid:
            await self.end(before)
        return held

    async def touch(self, held: Held) -> None:
        """Follow ZStack: every authorised call starts the lifetime anew."""
        if held is self._service or held.person_key in self._touched:
            return
        self._touched[held.person_key] = True
        now = self._store.now()
        async with self._store.write() as connection:
            await connection.execute(
                update(_sessions)
                .where(_sessions.c.person_key == held.person_key)
                .values(expires=now + held.lifetime, renew_at=now + held.lifetime / 3)
            )

    async def lose(self, person: Person, held: Held | None) -> bool:
        """Drop what ZStack does not know any more; raises KeyRefused for SERVICE."""
        if person == SERVICE:
            raise KeyRefused
        return await self.drop(self._key(person.key), only=held)

    async def signs_on(self, held: Held) -> bool:
        """Tell whether it signs on anew by itself: an access key that ZStack still takes."""
        if not held.is_key:
            return False
        try:
            await self._cloud.call(PROBE, held.auth)
        except SessionExpired:
            return False
        except ZStackError:
            return True  # it says nothing about the key
        return True

    async def drop(self, person_key: str, *, only: Held | None = None) -> bool:
        """Forget a session; False when a newer one than `only` is there, which stays."""
        self._forget(person_key)
        async with self._store.write() as connection:
            held = await self._find(connection, person_key, locks=True)
            if only and held != only:  # asked again: it may be there just now
                return await self._find(connection, person_key) is None
            await connection.execute(
                delete(_sessions).where(_sessions.c.person_key == person_key)
            )
        return True

    async def log_out(self, person: Person) -> Held | None:
        """End a session here, and at ZStack if that answers."""
        key = self._key(person.key)
        async with self._store.write() as connection:
            held = await self._find(connection, key, locks=True)
            mine = _sessions.c.person_key == key
            await connection.execute(delete(_sessions).where(mine))
        async with self._loading:  # whoever looked before that has remembered it by now
            self._forget(key)
        if held:
            await self.end(held)
        return held

    async def renew_due(self) -> None:
        """Keep the sessions of a shift alive by a cheap authorised read."""
        now = self._store.now()
        query = select(_sessions.c.person_key).where(
            _sessions.c.renew_at <= now, _sessions.c.keep_until > now
        )
        async with self._store.read() as connection:
            keys = (await connection.execute(query)).scalars().all()
        for key in filter(self._is_mine, keys):
            held = await self._load(key)
            if held:
                await self._renew(held)

    async def _renew(self, held: Held) -> None:
        try:
            await self._cloud.call(PROBE, held.auth)
        except SessionExpired:
            await self.drop(held.person_key, only=held)
        except ZStackError:
            return  # it is asked again at the next round
        else:
            self._touched.pop(held.person_key, None)
            await self.touch(held)

    def _forget(self, person_key: str) -> None:
        self._cache.pop(person_key, None)
        self._touched.pop(person_key, None)

    async def end(self, held: Held) -> None:
        """End a session at ZStack, if that answers."""
        if held.is_key:
            return  # nothing of it is kept at ZStack
        with contextlib.suppress(ZStackError):  # it ends by itself
            await self._cloud.call(LogOut(session_uuid=held.session_uuid))

    async def _save(self, held: Held, told: Mapping[str, Any] | None) -> Held | None:
        """Write it down; what it takes the place of."""
        values: dict[str, Any] = vars(held).copy()
        key, now = values.pop("person_key"), self._store.now()
        row = {
            "sealed": self._vault.seal(key, values),
            "expires": now + held.lifetime,
            "keep_until": now + SHIFT if held.kept else None,
            "renew_at": now + held.lifetime / 3,
        }
        # Two log-ins at once, on two replicas, are no conflict: the later one counts.
        insert = sqlite.insert if self._store.is_sqlite else postgresql.insert
        upsert = insert(_sessions).values(person_key=key, **row)
        async with self._store.write() as connection:
            before = await self._find(connection, key, locks=True)
            await connection.execute(
                upsert.on_conflict_do_update(index_elements=["person_key"], set_=row)
            )
            if told:
                await audit.record(connection, self._store, told)
        self._cache[key] = held
        return before

    async def _load(self, key: str) -> Held | None:
        async with self._store.read() as connection:
            return await self._find(connection, key)

    async def _find(
        self, connection: AsyncConnection, key: str, *, locks: bool = False
    ) -> Held | None:
        query = select(_sessions.c.sealed).where(
            _sessions.c.person_key == key, _sessions.c.expires > self._store.now()
        )
        if locks:
            query = query.with_for_update()
        sealed = (await connection.execute(query)).scalar()
        values = sealed and self._vault.open(key, sealed)
        return Held(person_key=key, **values) if values else None
