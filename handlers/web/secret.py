"""The other one-time page: takes the secrets of one command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk.given import fault_of, fields_of, give
from handlers.web.page import page, told

if TYPE_CHECKING:
    from starlette.responses import Response

    from desk.desk import Desk
    from desk.login import Ticket


async def show(
    desk: Desk, ticket: Ticket, fault: str | None = None, status: int = 200
) -> Response:
    """Name the person, the command and the VM, and ask."""
    row = await desk.ledger.by_id(ticket.command_id)
    return page(
        "secret.html",
        status,
        title="Type what nobody else shall read",
        ticket=ticket,
        row=row,
        fields=fields_of(row),
        fault=fault,
        csrf=desk.vault.seal(ticket.digest, value=True),
    )


async def take(desk: Desk, ticket: Ticket, form: dict[str, str]) -> Response:
    """Take what was typed, unless it will not do."""
    row = await desk.ledger.by_id(ticket.command_id)
    given = {name: form.get(name, "") for name in fields_of(row)}
    if fault := fault_of(row, given):
        return await show(desk, ticket, fault, 400)
    await give(desk, ticket, given)
    text = f"“{row.words}” goes on. Go back to Slack."
    return told("Taken", text, 200)
