"""Secrets that the one-time page takes: sealed with the command, wiped when it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import ValidationError

from api.operation import secret_fields
from desk.command import Next
from desk.login import GONE, TicketGone, use_up

if TYPE_CHECKING:
    from desk.command import Command
    from desk.desk import Desk
    from desk.login import Ticket


def fields_of(row: Command) -> dict[str, str]:
    """What the page asks for: the fields, and what people call them."""
    fields = row.asks.model_fields
    return {it: str(fields[it].description) for it in secret_fields(row.asks)}


def fault_of(row: Command, given: dict[str, str]) -> str | None:
    """What is wrong with what was typed, in a sentence without it."""
    try:
        row.asks(**row.arguments | given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        what = fields_of(row).get(str(first["loc"][0]), "value")
        most = first.get("ctx", {}).get("max_length")
        if most:
            return f"{what.capitalize()} may have {most} characters at most."
        return f"Please type {what}."
    return None


async def give(desk: Desk, ticket: Ticket, given: dict[str, str]) -> None:
    """Let the command go on with its secrets; raises TicketGone."""
    row = await desk.ledger.by_id(ticket.command_id)
    if row.question != "secret" or not await use_up(desk, ticket):
        raise TicketGone(GONE)
    await go_on(desk, row, given)


async def go_on(desk: Desk, row: Command, given: dict[str, str]) -> None:
    """Let a command go on that waits for them."""
    # Rights are asked again, as after every answer.
    resumed = Next("decide.1", changes={"secrets": given, "question": None})
    async with desk.store.write(desk.store.work) as connection:
        await desk.ledger.resume(connection, row, resumed, place={})
