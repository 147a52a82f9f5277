"""Who comes on call without being connected to ZStack is told so, once a shift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select, update

from desk import tables
from desk.notice import Notice, Outcome, Slot
from desk.permission import keeper_of
from desk.rolls import Unanswered
from desk.rows import public_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from desk.desk import Desk
    from desk.person import Person

_facts = tables.fact
_HINT = (
    "Connect now with /zstack login, so that nothing waits for it later. An access key lasts "
    "beyond the shift."
)


async def remind(desk: Desk) -> None:
    """Look once at everybody who is on call."""
    known = await desk.ledger.people()
    for rota, kept in desk.policy().rotas.items():
        keeper, name = keeper_of(kept)
        if keeper not in desk.rolls:
            continue
        try:
            people = await desk.rolls[keeper].people(name, known)
        except Unanswered:
            continue  # the next look may be told
        await _tell_new(desk, rota, people)


async def _tell_new(desk: Desk, rota: str, people: Iterable[Person]) -> None:
    """Tell those who were not on call at the last look and are not connected.

    Who is on call is written down with it: another replica, or a restart, tells nobody twice.
    """
    on_call = {person.key: person for person in people}
    apart = {key for key, it in on_call.items() if not await _is_connected(desk, it)}
    mine = _facts.c.name == f"on call {rota}"
    read = select(_facts.c.value).where(mine).with_for_update()
    async with desk.store.write(desk.store.mail) as connection:
        before = (await connection.execute(read)).scalar()
        if before == sorted(on_call):
            return
        values = {"value": sorted(on_call)}
        first = insert(_facts).values(name=f"on call {rota}", **values)
        again = update(_facts).where(mine).values(values)
        await connection.execute(first if before is None else again)
        for key in sorted(apart - set(before or ())):
            place = desk.door(on_call[key])
            await desk.outbox.put(connection, place, _notice(rota, on_call[key]))


async def _is_connected(desk: Desk, person: Person) -> bool:
    held = [await site.sessions.get(person) for site in desk.everywhere]
    return any(held)


def _notice(rota: str, person: Person) -> Notice:
    return Notice(
        slot=Slot.DIRECT,
        command_id=public_id(),
        operation="login",
        summary="login",
        outcome=Outcome.ACCEPTED,
        asker=person,
        title=f"You are on call for {rota}, and not connected to ZStack",
        next_step=_HINT,
    )
