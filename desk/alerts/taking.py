"""Having an alert in hand: pressed once it is taken, pressed again it is given back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from desk import tables
from desk.alerts.book import stir
from desk.errors import UserError
from desk.notice import Outcome
from desk.person import Person
from desk.steps.finish import finish

if TYPE_CHECKING:
    from desk.command import Command, Next
    from desk.desk import Desk

_groups = tables.alert_group


async def take(desk: Desk, row: Command) -> Next:
    """Take an alert in hand, from whoever has it; or give it back."""
    about = row.words.partition(": ")[2]
    if await _has_it(desk, row):
        return finish(row, Outcome.SUCCEEDED, f"You have it: {about}")
    return finish(row, Outcome.SUCCEEDED, f"You gave it back: {about}")


async def _has_it(desk: Desk, row: Command) -> bool:
    """Change it once for each press, and tell whether the person has it now."""
    mine = _groups.c.id == row.arguments["alert_id"]
    async with desk.store.write(desk.store.alerts) as connection:
        query = select(_groups.c.person, _groups.c.acted).where(mine).with_for_update()
        found = (await connection.execute(query)).first()
        if not found:
            message = "This alert is too old: nothing is kept of it any more."
            raise UserError(message)
        holder = found.person and Person.model_validate(found.person)
        if found.acted == row.id:  # by a try that was cut off before it was told
            return holder == row.person
        person = None if holder == row.person else row.person.model_dump()
        changes = {"person": person, "acted": row.id}
        await stir(desk.store, connection, row.arguments["alert_id"], **changes)
    return person is not None
