"""The audit: who asked what of which VM, what was decided and what came of it, for ever.

A row is written in the transaction of the step that it records, and never changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, true

from desk import tables
from desk.chain import FIRST, Link, extend, fault
from desk.command import In

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.ext.asyncio import AsyncConnection

    from desk.command import Command, Next
    from desk.held import Held
    from desk.person import Person
    from desk.store import Store

SENT = "sent"
ENDED = "ended"
CONNECTED = "connected"
DISOWNED = "disowned"  # by whoever logged in, on the page where they did
_PAGE = 500  # rows that are read at once
_LOCK = 0x6175646974  # whoever adds to the chain holds it until the commit

_chain = tables.audit


async def record(
    connection: AsyncConnection, store: Store, facts: Mapping[str, Any]
) -> None:
    """Add a row within a transaction, as the last thing that is written in it.

    From here to the commit all others who add have to wait; who locked rows after this
    could wait for one of them, and that one for us.
    """
    if not store.is_sqlite:  # SQLite lets one writer in anyway
        await connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    found = await connection.execute(store.once(_head))
    moment, number, previous = found.one()
    last = Link(number, 0.0, "", previous) if number else FIRST
    link = extend(last, moment, facts)
    await connection.execute(insert(_chain), vars(link))


def _head(moment: ColumnElement[float]) -> Select[Any]:
    """The time, with the newest row if there is one."""
    newest = select(_chain).order_by(_chain.c.number.desc()).limit(1).subquery()
    now = select(moment.label("now")).subquery()
    both = now.outerjoin(newest, true())
    return select(now.c.now, newest.c.number, newest.c.hash).select_from(both)


def about(
    row: Command, event: str, *, who: Person | None = None, **facts: Any
) -> dict[str, Any]:
    """Tell of something that happened to `row`, by `who` or by the one who asked.

    Of the place only what names it: the rest is a way to answer there.
    """
    told = {
        "event": event,
        "command": row.id,
        "person": (who or row.person).model_dump(),
        "account": row.account and {"uuid": row.account, "name": row.memo.account_name},
        "where": {name: row.place.get(name) for name in ("kind", "channel")},
        "cloud": row.cloud,
        "operation": row.operation,
        "words": row.words,
        "resource": {"uuid": row.resource_uuid, "name": row.resource_name},
    }
    asked = {"workflow": row.memo.workflow} if row.memo.workflow else {}
    return told | asked | facts


def connected(person: Person, cloud: str, held: Held) -> dict[str, Any]:
    """Tell that `person` acts with this ZStack account from now on."""
    account = {"uuid": held.account_uuid, "name": held.account_name}
    who = person.model_dump()
    return {"event": CONNECTED, "person": who, "cloud": cloud, "account": account}


def of_step(row: Command, step: Next, event: str) -> dict[str, Any]:
    """Tell of a command that is about to be sent, or has ended, by the step `step`."""
    known = {
        name: value for name, value in step.changes.items() if not isinstance(value, In)
    }
    row = row.model_copy(update=known)
    used = {str(value) for value in row.arguments.values()}
    verdict = row.memo.verdict
    facts: dict[str, Any] = {
        "parent": row.parent,
        "arguments": row.arguments,
        "names": {uuid: name for uuid, name in row.memo.names.items() if uuid in used},
        "decision": verdict and {"effect": verdict.effect, "trace": verdict.trace},
        "confirmed": row.memo.confirmed,
        "approved_by": [it.model_dump() for it in _approved(row)],
        "glass_broken": row.memo.glass_broken,
        "reason": row.memo.reason,
    }
    if event == ENDED:
        facts |= {
            "outcome": str(row.outcome),
            "said": step.said,
            "error": [str(cause) for cause in row.error.chain] if row.error else None,
            "resends": row.memo.resends,
            "accepted_at": row.accepted_at,
            "sent_at": row.sent_at,
            "seconds": round(row.claimed_at - row.accepted_at, 3),
        }
    return about(row, event, **facts)


def _approved(row: Command) -> tuple[Person, ...]:
    return row.memo.approval.by if row.memo.approval else ()


@dataclass(frozen=True)
class Finding:
    """What a look at the whole chain found: its last good link, and what broke it."""

    last: Link
    number: int | None = None
    fault: str = ""


async def verify(store: Store, noted: Link = FIRST) -> Finding:
    """Follow the chain from its first row to the first that is broken.

    `noted` is a number and a hash that were written down elsewhere: whoever can write to
    the database could make the whole chain anew, but not what somebody else has noted.
    """
    last = FIRST
    async for link in links(store):
        wrong = fault(last, link)
        if link.number == noted.number and link.hash != noted.hash:
            wrong = "its hash is not the one that was noted"
        if wrong:
            return Finding(last, link.number, wrong)
        last = link
    if last.number < noted.number:
        return Finding(last, last.number + 1, "it is missing, with all up to the noted")
    return Finding(last)


async def links(store: Store, *, since: float = 0.0) -> AsyncIterator[Link]:
    """Read the rows from a moment on, in order, a page at a time."""
    number = 0
    while found := await page(store, after=number, since=since):
        for link in found:
            yield link
        number = found[-1].number


async def page(
    store: Store, *, after: int, since: float = 0.0, limit: int | None = None
) -> list[Link]:
    """Read the next rows behind a number, in order."""
    query = (
        select(_chain)
        .where(_chain.c.number > after, _chain.c.at >= since)
        .order_by(_chain.c.number)
        .limit(limit or _PAGE)
    )
    async with store.read() as connection:
        return [Link(*row) for row in await connection.execute(query)]
