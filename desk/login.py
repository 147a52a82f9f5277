"""The one-time login: a ticket for one person, spent by a right password."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import case, func, select, update

from api.errors import Rejected, ZStackError
from desk import audit, tables
from desk.command import Next
from desk.credentials import sign_on
from desk.errors import UserError
from desk.notice import Slot
from desk.person import Person
from desk.rows import digest
from desk.steps.buttons import choice_of, offer_of
from desk.steps.finish import notice_of
from desk.steps.question import logged_in

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from desk.credentials import Credentials
    from desk.desk import Desk

TRIES = 5
HOURLY = 20  # wrong passwords of one person, whatever the links
GONE = (
    "This link was used or has expired. Send /zstack login for a new one, or once more what "
    "you asked for."
)
_TOO_MANY = (
    "Too many wrong passwords came from this Slack account within an hour. Send "
    "/zstack login again in an hour."
)
_HOUR = 3600.0
_NOTHING = Next("")
_tickets = tables.ticket


class TicketGone(UserError):
    """The link was used, has expired, or had too many wrong passwords."""


class TicketUnknown(UserError):
    """There never was such a link."""


@dataclass(frozen=True)
class Ticket:
    """A login link: whom it connects, and which command waits for it.

    `proves` is what its person wants, where the log-in is to prove that they do.
    """

    secret: str = field(repr=False)
    digest: str
    person: Person
    person_name: str
    workspace: str
    command_id: str
    place: dict[str, Any]
    cloud: str = ""
    proves: str | None = None
    kind: str = "login"


async def find(desk: Desk, ticket: str) -> Ticket:
    """Find a living ticket without using it up; raises TicketUnknown or TicketGone."""
    found = await _row(desk, ticket)
    if not found:
        message = "This login link is not known."
        raise TicketUnknown(message)
    if found["used_at"] or found["tries"] >= TRIES or found["expires"] < found["now"]:
        raise TicketGone(GONE)
    row = await desk.ledger.by_id(found["command_id"])
    return Ticket(
        proves=row.memo.to_prove,
        secret=ticket,
        digest=found["digest"],
        person=Person.model_validate(found["person"]),
        person_name=found["person_name"],
        workspace=found["workspace"],
        command_id=found["command_id"],
        place=desk.vault.open(found["digest"], found["place"]) or {},
        cloud=found["cloud"] or "",
        kind=found["kind"],
    )


async def _row(desk: Desk, ticket: str) -> Any:
    rows = tables.command
    query = select(_tickets, desk.store.now().label("now"), rows.c.cloud).outerjoin(
        rows, rows.c.id == _tickets.c.command_id
    )
    async with desk.store.read() as connection:
        found = await connection.execute(
            query.where(_tickets.c.digest == digest(ticket))
        )
        return found.mappings().first()


async def log_in(desk: Desk, ticket: Ticket, credentials: Credentials) -> str:
    """Log in at ZStack, keep the session, let every command that waits for it go on.

    Returns the account's name. Raises TicketGone, Rejected for a wrong password, or
    another ZStackError, after which the ticket can still be used.
    """
    desk = desk.at(ticket.cloud)
    await _count_try(desk, ticket, 1)
    try:
        held = await sign_on(desk.cloud, ticket.person, credentials)
    except Rejected:
        raise
    except ZStackError:
        await _count_try(desk, ticket, -1)
        raise
    if not await use_up(desk, ticket):
        await desk.sessions.end(held)
        raise TicketGone(GONE)
    told = audit.connected(ticket.person, ticket.cloud, held)
    await desk.sessions.keep(held, told)
    await _go_on(desk, ticket, held.account_name)
    return held.account_name


async def _count_try(desk: Desk, ticket: Ticket, change: int) -> None:
    """Count before asking, so that tries side by side cannot exceed the limit."""
    async with desk.store.write() as connection:
        done = await connection.execute(
            update(_tickets)
            .where(
                _tickets.c.digest == ticket.digest,
                _tickets.c.used_at.is_(None),
                _tickets.c.tries < (TRIES if change > 0 else TRIES + 1),
            )
            .values(tries=_tickets.c.tries + change)
        )
        if not done.rowcount:
            raise TicketGone(GONE)
        wrong = await _wrong_tries(connection, desk, ticket)
        if wrong > HOURLY:  # pragma: no branch  # as in Runner.carry_on
            raise TicketGone(_TOO_MANY)


async def _wrong_tries(connection: AsyncConnection, desk: Desk, ticket: Ticket) -> int:
    """How often the person was wrong within an hour, this try counted as one."""
    rows = tables.command
    wrong = _tickets.c.tries - case((_tickets.c.used_at.is_not(None), 1), else_=0)
    query = (
        select(func.coalesce(func.sum(wrong), 0))
        .join(rows, rows.c.id == _tickets.c.command_id)
        .where(
            rows.c.person_key == ticket.person.key,
            _tickets.c.expires > desk.store.now() - _HOUR,
        )
    )
    return int((await connection.execute(query)).scalar_one())


async def use_up(desk: Desk, ticket: Ticket) -> bool:
    """Spend the ticket; False when it was spent before."""
    async with desk.store.write() as connection:
        done = await connection.execute(
            update(_tickets)
            .where(_tickets.c.digest == ticket.digest, _tickets.c.used_at.is_(None))
            .values(used_at=desk.store.now())
        )
    return bool(done.rowcount)


async def _go_on(desk: Desk, ticket: Ticket, account_name: str) -> None:
    row = await desk.ledger.by_id(ticket.command_id)
    not_me = offer_of(
        row,
        "start",
        "Not me",
        {"operation": "logout", "arguments": {}, "words": "not me", "style": "danger"},
        person_key=ticket.person.key,
        expires=86_400.0,
    )
    where = f" {ticket.cloud}" if ticket.cloud else ""
    told = notice_of(
        row,
        slot=Slot.DIRECT,
        title=f"Your Slack account now acts in ZStack{where} as {account_name}",
        next_step="If this was not you, press Not me: the session ends at once.",
        choices=(choice_of(not_me),),
    )
    said = Next("", notices=((ticket.place, told),), offers=(not_me,))
    await let_go_on(
        desk, ticket.person, said, cloud=ticket.cloud, proves=ticket.command_id
    )


async def receipt(desk: Desk, ticket: Ticket) -> str:
    """What lets whoever has just logged in end that session, and nobody else: sealed."""
    held = await desk.at(ticket.cloud).sessions.get(ticket.person)
    made = {
        "person": ticket.person.model_dump(),
        "cloud": ticket.cloud,
        "proof": held.proof if held else "",
    }
    return desk.vault.seal(ticket.digest, made)


async def disown(desk: Desk, ticket: str, given: str) -> bool:
    """End the session that a receipt is about; False when there is none any more."""
    made = desk.vault.open(digest(ticket), given)
    if not isinstance(made, dict):
        return False
    person, cloud = Person.model_validate(made["person"]), made["cloud"]
    sessions = desk.at(cloud).sessions
    held = await sessions.get(person)
    if not held or held.proof != made["proof"]:
        return False
    await sessions.log_out(person)
    told = audit.connected(person, cloud, held)
    async with desk.store.write() as connection:
        await audit.record(connection, desk.store, told | {"event": audit.DISOWNED})
    return True


async def let_go_on(
    desk: Desk,
    person: Person,
    said: Next = _NOTHING,
    *,
    cloud: str = "",
    proves: str | None = None,
) -> None:
    """Let every command go on that waits for `person` to log in; tell `said` with it.

    One that waits for a proof goes on by a log-in of its own, which is `proves`: there its
    person saw what for. At the shell, None, any log-in is proof.
    """
    waiting = await desk.ledger.waiting_to_log_in(person, cloud)
    rows = [one for one in waiting if not one.memo.to_prove or proves in {one.id, None}]
    async with desk.store.write(desk.store.work, desk.store.mail) as connection:
        for row in rows:
            await desk.ledger.resume(connection, row, logged_in(row), place={})
        await desk.ledger.write(connection, said)
