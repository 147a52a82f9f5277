"""What others say to a request: one word each, counted with the row that waits for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Insert, select
from sqlalchemy.dialects import postgresql, sqlite

from desk import audit, keys, tables, waking
from desk.permission import who_is
from desk.person import Person
from desk.policy import objection as policy_objection

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncConnection

    from desk.command import Command
    from desk.desk import Desk
    from desk.policy import Approval
    from desk.store import Store

_votes = tables.vote


@dataclass(frozen=True)
class Vote:
    """What somebody said to what is asked under the name `question`.

    `cast_by` is the command that said it: taken up again after a crash, it finds its own.
    """

    question: str
    person: Person
    approves: bool
    cast_by: str


def denied(votes: Sequence[Vote]) -> Person | None:
    """Who said no first, if anybody did: one no is enough."""
    return next((vote.person for vote in votes if not vote.approves), None)


def approved(votes: Sequence[Vote]) -> tuple[Person, ...]:
    """Everybody who said yes, in order."""
    return tuple(vote.person for vote in votes if vote.approves)


async def objection(
    desk: Desk, row: Command, person: Person, terms: Approval
) -> str | None:
    """Why `person` may not approve of `row` under these terms; None when they may.

    What counts is their account in the cloud of `row`, wherever they say it.
    """
    policy = desk.policy()
    who = await who_is(desk.at(row.cloud), policy, person)
    return policy_objection(policy, terms, who, asker=row.person)


async def votes(store: Store, question: str) -> tuple[Vote, ...]:
    """What has been said to a question, in order."""
    query = select(_votes).where(_votes.c.question == question)
    async with store.read() as connection:
        found = await connection.execute(query.order_by(_votes.c.at, _votes.c.key))
        return tuple(map(_vote, found.mappings()))


async def cast(store: Store, row: Command, vote: Vote) -> Vote | None:
    """Count `vote` and wake `row`; the vote that counts, an earlier one of the same person.

    None when `row` does not wait for it any more.
    """
    key = keys.approval(vote.question, vote.person)
    async with store.write(store.work) as connection:
        known = await _known(connection, key)
        if known:
            return known
        if not await waking.note_vote(connection, store, row.id, vote.question):
            return None
        values = {
            "key": key,
            "question": vote.question,
            "command_id": row.id,
            "person": vote.person.model_dump(),
            "approves": vote.approves,
            "cast_by": vote.cast_by,
            "at": store.now(),
        }
        await connection.execute(_unless_known(store, values))
        counted = await _known(connection, key)
        if counted == vote:
            event = "approved" if vote.approves else "denied"
            told = audit.about(row, event, who=vote.person)
            await audit.record(connection, store, told)
        return counted


def _unless_known(store: Store, values: dict[str, Any]) -> Insert:
    insert = sqlite.insert if store.is_sqlite else postgresql.insert
    return insert(_votes).values(values).on_conflict_do_nothing()


async def _known(connection: AsyncConnection, key: str) -> Vote | None:
    found = await connection.execute(select(_votes).where(_votes.c.key == key))
    row = found.mappings().first()
    return _vote(row) if row else None


def _vote(row: Any) -> Vote:
    person = Person.model_validate(row["person"])
    return Vote(row["question"], person, row["approves"], row["cast_by"])
