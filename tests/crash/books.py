"""The bot's database, as an auditor reads it, and as time would have left it."""

import asyncio
import json
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Float, func, select, update

from bot.addresses import engine_url
from desk import audit, tables
from desk.engine import open_engine
from desk.outbox import Outbox
from desk.store import Store
from desk.vault import Vault


@dataclass(frozen=True)
class Entry:
    """A command in the ledger, and the last that was written down to be said of it."""

    id: str
    words: str
    step: str
    outcome: str
    is_ended: bool
    job_digest: str | None
    user: str
    operation: str
    parent: str | None
    notices: tuple = ()

    @property
    def last_words(self):
        """The final notice, to people when there is one, and whether it is delivered."""
        final = [it for it in self.notices if it[0].outcome == self.outcome]
        public = [it for it in final if it[0].slot == "answer"]
        private = [it for it in final if it[0].slot == "private"]
        step = [it for it in final if it[0].slot == "step"]
        return (public or private or step or [(None, False)])[-1]


class Books:
    """Reads the tables beside the bot, and moves all moments while no bot runs."""

    def __init__(self, url, key):
        self._store = Store(open_engine(engine_url(url)))
        self._outbox = Outbox(self._store, Vault([key]))

    async def close(self):
        await self._store.engine.dispose()

    async def entries(self):
        """Every command, the first accepted first."""
        query = select(tables.command).order_by(tables.command.c.accepted_at)
        async with self._store.read() as connection:
            rows = (await connection.execute(query)).mappings().all()
        return [await self._entry(row) for row in rows]

    async def audited(self):
        """How often the audit says that each command has ended; None when it is broken."""
        if (await audit.verify(self._store)).fault:
            return None
        rows = [json.loads(link.entry) async for link in audit.links(self._store)]
        return Counter(row["command"] for row in rows if row["event"] == audit.ENDED)

    async def words(self):
        """How often each line is in the ledger."""
        return Counter(entry.words for entry in await self.entries())

    async def _entry(self, row):
        return Entry(
            id=row["id"],
            words=row["words"],
            step=row["step"],
            outcome=row["outcome"],
            is_ended=row["finished_at"] is not None,
            job_digest=row["job_digest"],
            user=row["person"]["user"],
            operation=row["operation"],
            parent=row["parent"],
            notices=tuple(await self._outbox.notices(row["id"])),
        )

    async def have_ended(self, ids):
        """Whether these commands have ended."""
        return not [
            it for it in await self.entries() if it.id in ids and not it.is_ended
        ]

    async def left(self):
        """How many commands have not ended, and how much is not said or given up."""
        rows, box = tables.command, tables.message
        waiting = (rows.c.finished_at.is_(None), box.c.due.is_not(None))
        return sum([await self._counts(one) for one in waiting])

    async def stands(self, step):
        """Wait until a command stands at a step."""
        rows = tables.command
        query = select(rows.c.id).where(rows.c.step == step)
        async with asyncio.timeout(20):
            while not await self._finds(query):  # noqa: ASYNC110  # another process acts
                await asyncio.sleep(0.01)

    async def _finds(self, query):
        async with self._store.read() as connection:
            return (await connection.execute(query)).first()

    async def _counts(self, condition):
        query = select(func.count()).where(condition)
        async with self._store.read() as connection:
            return (await connection.execute(query)).scalar_one()

    async def hold_back(self, seconds):
        """Put every command off, as after a fault of ours."""
        rows = tables.command
        async with self._store.write() as connection:
            await connection.execute(update(rows).values(due=rows.c.due + seconds))

    async def age(self, seconds):
        """Let time pass: everything happened so much earlier, or ends so much sooner."""
        async with self._store.write() as connection:
            for table in set(tables.metadata.sorted_tables) - {tables.audit}:
                moments = [it for it in table.c if isinstance(it.type, Float)]
                if moments:
                    earlier = {it.name: it - seconds for it in moments}
                    await connection.execute(update(table).values(earlier))
