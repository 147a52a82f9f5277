"""The durable record of every command: accepted once, claimed, moved on step by step."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from desk import audit, keys, statements, tables, turns, waking
from desk.alerts.book import stir
from desk.claims import Claims
from desk.command import NOW, Command, In, Memo, Next
from desk.notice import Outcome, Slot
from desk.patience import promptly, seal
from desk.person import SERVICE
from desk.rows import columns, public_id, to_command
from desk.setting import added, assigned, given, shape

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import RowMapping
    from sqlalchemy.ext.asyncio import AsyncConnection
    from sqlalchemy.sql.dml import ReturningUpdate

    from desk.outbox import Outbox
    from desk.person import Person, Place
    from desk.rate import Rate
    from desk.request import Request
    from desk.store import Store
    from desk.vault import Vault

FIRST_STEP = "decide.1"
LAST_STEP = "done.1"
AT_A_PERSON = ("login.1", "ask.1")
CANCELLABLE = (
    "decide.1",
    "login.1",
    "resolve.1",
    "read.1",
    "turn.1",
    "picture.1",
    "ask.1",
    "approve.1",
    "send.1",
)

_rows = tables.command


class Ledger(Claims):
    """Rows of `command`, and the messages and offers that are written with them."""

    def __init__(
        self, store: Store, vault: Vault, outbox: Outbox, *, rate: Rate | None = None
    ) -> None:
        super().__init__(store, vault)
        self.outbox = outbox
        self._rate = rate

    @promptly
    async def accept(self, request: Request) -> tuple[Command, bool]:
        """Record `request` once; the row, and whether this call made it.

        Returns after the commit. Raises TooMany, or StoreUnavailable when nothing was
        recorded, NotConfirmed when that is not known.
        """
        alert = request.place.get("alert")
        bells = [self.store.work, *([self.store.alerts] if alert else [])]
        try:
            async with self.store.write(*bells) as connection:
                row = await self.insert(connection, request)
                if alert:
                    await stir(self.store, connection, alert)
                if self._rate:
                    await self._rate.check(connection, self.store, request)
        except IntegrityError:
            return await self.by_key(request.key), False
        return row, True

    async def insert(
        self,
        connection: AsyncConnection,
        request: Request,
        *,
        parent: Command | None = None,
    ) -> Command:
        """Insert a row within a transaction; raises IntegrityError for a known key."""
        row_id = public_id()
        memo = Memo(
            doubt=request.doubt,
            breaks_glass=request.breaks_glass,
            reason=request.reason,
            seen=request.seen,
            workflow=request.workflow,
        )
        values = {
            "id": row_id,
            "key": request.key,
            "parent": parent and parent.id,
            "account": parent and parent.account,
            "person": request.person.model_dump(),
            "person_key": request.person.key,
            "place": self._vault.seal(row_id, request.place),
            "words": request.words,
            "resource_name": request.names_resource,
            "operation": request.operation,
            "arguments": request.arguments,
            "cloud": request.cloud or (parent.cloud if parent else ""),
            "step": FIRST_STEP,
            "outcome": Outcome.ACCEPTED,
            "due": NOW,
            "accepted_at": NOW,
            "memo": memo.model_dump(mode="json"),
        }
        try:
            statement = self.store.once(statements.accepted, shape(values))
            made = await connection.execute(statement, given(values))
        except IntegrityError:
            seal()  # its row is there, whether or not it can be read
            raise
        return to_command(self._vault, made.mappings().one())

    async def cancel(self, row: Command, *, by: Person | None = None) -> bool:
        """Take back what was not sent yet; False when it was, or has ended.

        A worker that is busy with it loses its claim, and so cannot send it any more. `by`
        somebody else, who pressed the same button, only what waits for its own person. The
        button can be pressed again.
        """
        steps = AT_A_PERSON if by else CANCELLABLE
        query = select(_rows).where(_rows.c.id == row.id).with_for_update()
        tickets = tables.ticket
        async with self.store.write(self.store.work) as connection:
            found = (await connection.execute(query)).mappings().one()
            row = to_command(self._vault, found)
            if row.step not in steps or row.sent_at:
                return row.memo.is_cancelled  # by a try whose answer was lost
            await connection.execute(
                delete(tickets).where(tickets.c.command_id == row.id)
            )
            memo = row.remember(is_cancelled=True, gave_way=by)
            changes = {"memo": memo} | keys.free(row.id, row.key)
            declined = Next("declined.1", changes=changes)
            return await self._divert(connection, row, declined)

    async def commit(
        self, row: Command, step: Next, *, keep: bool = False
    ) -> Command | None:
        """Write what a step decided, all or nothing; None when the claim was lost.

        `keep` holds the claim: the same worker goes on with the row as it is then. A turn
        that somebody else took at the same moment is waited for.
        """
        try:
            return await self._commit(row, step, keep=keep)
        except IntegrityError:
            if not step.changes.get("turn"):
                raise
            return await self._commit(row, Next(row.step, due_in=0.0), keep=keep)

    async def _commit(self, row: Command, step: Next, *, keep: bool) -> Command | None:
        values: dict[str, Any] = {"attempts": 0} | self._columns(row, step)
        values |= {"due": None if step.due_in is None else In(step.due_in)}
        if not keep:
            values |= {"claim": None, "lease": None}
        if step.step == LAST_STEP:
            values |= {"finished_at": NOW, "turn": None, "secrets_sealed": None}
        alert = "outcome" in step.changes and row.place.get("alert")
        bells = [self.store.mail] if step.notices else []
        bells += [self.store.alerts] if alert else []
        bells += [self.store.work] if step.children else []
        async with self.store.write(*bells) as connection:
            if await turns.stand_in_line(connection, row, values):
                values["due"] = NOW
            make = statements.asleep if waking.waits(step) else statements.written
            written = await self._set(connection, row, values, make)
            if not written:
                return None
            await self.write(connection, _aloud(row, step))
            for child in step.children:
                await self.insert(connection, child, parent=row)
            await waking.wake_others(connection, self.store, row, values)
            if alert:
                await stir(self.store, connection, alert)
            if event := step.event or (step.step == LAST_STEP and audit.ENDED):
                facts = audit.of_step(row, step, event)
                await audit.record(connection, self.store, facts)
        if step.gives_turn_away or step.step == LAST_STEP:
            self.store.work.nudge()  # for whoever was woken
        crowd = {"any_call_at": row.any_call_at, "waiting": row.waiting}
        return to_command(self._vault, {**written, **crowd}) if keep else row

    def _columns(self, row: Command, step: Next) -> dict[str, Any]:
        return columns(self._vault, row.id, step.changes) | {"step": step.step}

    async def _set(
        self,
        connection: AsyncConnection,
        row: Command,
        values: dict[str, Any],
        make: Callable[..., ReturningUpdate[Any]],
    ) -> RowMapping | None:
        """Set columns of a claimed row; the row as it is then, if it is still claimed."""
        mine = {"row_id": row.id, "held": row.claim, "claimed_at": row.claimed_at}
        statement = self.store.once(make, shape(values))
        done = await connection.execute(statement, mine | given(values))
        written: RowMapping | None = done.mappings().first()
        return written

    async def resume(
        self, connection: AsyncConnection, row: Command, step: Next, *, place: Place
    ) -> bool:
        """Let a row that waits for a person go on; False when it went on before.

        A worker that is just about to end it for want of an answer loses its claim.
        """
        sealed = self._vault.seal(row.id, row.place | place)
        return await self._divert(connection, row, step, place=sealed)

    async def _divert(
        self, connection: AsyncConnection, row: Command, step: Next, **values: Any
    ) -> bool:
        """Put a row at another step, whoever holds it; False when it is not as seen."""
        now = self.store.now()
        values |= self._columns(row, step)
        values |= {"question": None, "due": NOW, "claim": None, "lease": None}
        as_seen = (
            _rows.c.step == row.step,
            _rows.c.question.is_not_distinct_from(row.question),
            _rows.c.sent_at.is_not_distinct_from(row.sent_at),
        )
        done = await connection.execute(
            update(_rows)
            .where(_rows.c.id == row.id, *as_seen)
            .values(assigned(_rows, shape(values), now)),
            given(values),
        )
        return bool(done.rowcount)

    async def write(self, connection: AsyncConnection, step: Next) -> None:
        """Write within a transaction what a step tells and offers."""
        for place, notice in step.notices:
            await self.outbox.put(connection, place, notice)
        for table, found in (
            (tables.offer, step.offers),
            (tables.ticket, step.tickets),
        ):
            timed = [it | {"expires": In(it["expires"])} for it in found]
            if timed:
                statement = self.store.once(added, table, shape(timed[0]))
                await connection.execute(statement, [given(it) for it in timed])


def _aloud(row: Command, step: Next) -> Next:
    """Leave out what the message of a whole batch tells instead, and what nobody reads."""
    if row.memo.workflow and row.person == SERVICE:
        heard = {Slot.STEP, Slot.COPY}
        kept = tuple(it for it in step.notices if it[1].slot in heard)
        return replace(step, notices=kept)
    if not row.parent:
        return step
    shared = {Slot.ANSWER, Slot.THREAD}
    kept = tuple(it for it in step.notices if it[1].slot not in shared)
    return replace(step, notices=kept)
