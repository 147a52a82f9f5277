"""Reading the ledger: one command, many, or the one that stands in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, func, or_, select

from api.operation import OPERATIONS
from desk import tables, turns
from desk.errors import UserError
from desk.history import newest
from desk.person import Person
from desk.rows import digest, readable, to_command

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

    from desk.command import Command
    from desk.history import Search
    from desk.store import Store
    from desk.vault import Vault

_PEOPLE = 100  # among whom one is looked for by name

_rows = tables.command
_OF_JOB = select(_rows.c.id).where(_rows.c.job_digest == bindparam("job"))


class Records:
    """The rows of `command`, opened."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self.store = store
        self._vault = vault

    async def by_key(self, key: str) -> Command:
        """Find the row of a cause."""
        return (await self._select(select(_rows).where(_rows.c.key == key)))[0]

    async def by_id(self, row_id: str) -> Command:
        """Find a row by its public id; raises UserError when there is none."""
        rows = await self._select(select(_rows).where(_rows.c.id == row_id))
        if not rows:
            message = f"There is no command {row_id}. /zstack history shows their ids."
            raise UserError(message)
        return rows[0]

    async def knows(self, job_uuid: str) -> bool:
        """Tell whether a row has this job, without a lock: anybody may ask."""
        given = {"job": digest(job_uuid)}
        async with self.store.read() as connection:
            return (await connection.execute(_OF_JOB, given)).first() is not None

    async def cloud_of(self, row_id: str) -> str:
        """Which of several clouds a row is about; empty when nobody says."""
        query = select(_rows.c.cloud).where(_rows.c.id == row_id)
        async with self.store.read() as connection:
            return (await connection.execute(query)).scalar() or ""

    async def history(
        self,
        *,
        person: Person | None = None,
        search: Search | None = None,
        limit: int = 100,
        asked: bool = False,
    ) -> list[Command]:
        """List the newest rows first; with `asked`, only what ZStack is asked for."""
        query = newest().limit(limit)
        if person:
            query = query.where(_rows.c.person_key == person.key)
        if asked:
            of_zstack = _rows.c.operation.in_(OPERATIONS)
            query = query.where(of_zstack, _rows.c.parent.is_(None))
        if search:
            query = search.narrow(query, self.store.now())
        return await self._list(query)

    async def waiting_to_log_in(self, person: Person, cloud: str) -> list[Command]:
        """The commands that go on when `person` has logged in at that cloud."""
        mine = (
            _rows.c.person_key == person.key,
            _rows.c.step == "login.1",
            _rows.c.question == "login",
            _rows.c.cloud == cloud,
        )
        return await self._list(select(_rows).where(*mine))

    async def waiting_at(self, step: str) -> list[Command]:
        """Every command that stands at `step`, the oldest first."""
        query = select(_rows).where(_rows.c.step == step)
        return await self._list(query.order_by(_rows.c.accepted_at, _rows.c.id))

    async def people(self) -> list[Person]:
        """Everybody who has run a command, whoever did last first."""
        newest = func.max(_rows.c.accepted_at).desc()
        each = select(_rows.c.person_key).group_by(_rows.c.person_key)
        async with self.store.read() as connection:
            found = await connection.execute(each.order_by(newest).limit(_PEOPLE))
            return [Person.of(key) for key in found.scalars()]

    async def children(self, row_id: str) -> list[Command]:
        """The parts of a batch, in order."""
        return await self._select(
            select(_rows).where(_rows.c.parent == row_id).order_by(_rows.c.key)
        )

    async def ahead(self, row: Command) -> turns.Ahead | None:
        """An earlier command that `row` has to wait for, if there is one."""
        async with self.store.read() as connection:
            return await turns.ahead(connection, row)

    async def others(self, row: Command) -> int:
        """Count what else its person has under way that was accepted before `row`."""
        query = turns.others(row)
        async with self.store.read() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def next_due(self) -> float | None:
        """Seconds until a row is due that nobody holds; None when none waits."""
        async with self.store.read() as connection:
            return (await connection.execute(self.store.once(_next))).scalar()

    async def _list(self, query: Select[Any]) -> list[Command]:
        """Read rows; one that another version wrote is left out."""
        async with self.store.read() as connection:
            found = (await connection.execute(query)).mappings().all()
        return readable(self._vault, found)

    async def _select(self, query: Select[Any]) -> list[Command]:
        async with self.store.read() as connection:
            found = await connection.execute(query)
            return [to_command(self._vault, row) for row in found.mappings()]


def _next(now: ColumnElement[float]) -> Select[float | None]:
    is_free = or_(_rows.c.claim.is_(None), _rows.c.lease < now)
    query = select(_rows.c.due - now).where(_rows.c.due.is_not(None), is_free)
    return query.order_by(_rows.c.due).limit(1)
