"""Commands about the bot itself: log in and out, who am I, what happened, show more."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from api.operation import OPERATIONS
from api.wire import as_curl
from desk.errors import UserError
from desk.notice import Outcome
from desk.sessions import LoginNeeded
from desk.steps.finish import card_of, finish

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from desk.command import Command, Next
    from desk.desk import Desk

_SHOWN = 20


async def login(desk: Desk, row: Command) -> Next:
    """Connect a ZStack account, or another one."""
    if not row.memo.confirmed:
        raise LoginNeeded
    held = await desk.sessions.need(row.person)
    return finish(row, Outcome.SUCCEEDED, f"You are connected as {held.account_name}")


async def logout(desk: Desk, row: Command) -> Next:
    """End the person's session, here and at ZStack."""
    held = await desk.sessions.log_out(row.person)
    if not held:
        return finish(row, Outcome.UNCHANGED, "You were not connected to ZStack")
    title = f"You are disconnected from {held.account_name}; its session is ended"
    return finish(row, Outcome.SUCCEEDED, title)


async def whoami(desk: Desk, row: Command) -> Next:
    """Tell which ZStack account the person is connected to."""
    held = await desk.sessions.get(row.person)
    name, workspace = await desk.directory.names(row.person)
    if not held:
        title = f"You are {name} of {workspace}, not connected to ZStack"
        hint = "Connect with /zstack login."
        return finish(row, Outcome.SUCCEEDED, title, next_step=hint)
    title = f"You are {name} of {workspace}, connected as {held.account_name}"
    kept = "kept for your shift" if held.kept else "not kept when unused"
    minutes = int(held.lifetime // 60)
    lines = (f"The session lives {minutes} minutes after each use and is {kept}.",)
    return finish(row, Outcome.SUCCEEDED, title, lines=lines)


async def history(desk: Desk, row: Command) -> Next:
    """List the person's last commands."""
    rows = await desk.ledger.history(person=row.person, limit=5 * _SHOWN)
    asked = [one for one in rows if one.operation in OPERATIONS][:_SHOWN]
    if not asked:
        return finish(row, Outcome.SUCCEEDED, "You have not run a command yet")
    heading = ("When (UTC)", "Command", "VM", "Outcome", "Id")
    table = (heading, *(_line(one) for one in asked))
    title = (
        f"Your last {len(asked)} commands" if len(asked) > 1 else "Your last command"
    )
    return finish(row, Outcome.SUCCEEDED, title, table=table)


def _line(row: Command) -> tuple[str, ...]:
    when = datetime.fromtimestamp(row.accepted_at, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return (when, row.words, row.resource_name or "-", _stands(row), row.id)


def _stands(row: Command) -> str:
    waits = row.step.startswith(("ask.", "login."))
    return "waiting for you" if waits else str(row.outcome)


async def show(desk: Desk, row: Command) -> Next:
    """Show more of a command: the whole VM, or the equivalent command line."""
    shown = await desk.ledger.by_id(row.arguments["command_id"])
    if row.arguments["part"] == "curl":
        title = f"The command line of “{shown.words}”"
        code = as_curl(shown.to_operation(), desk.cloud.url)
        return finish(row, Outcome.SUCCEEDED, title, code=code)
    vm = shown.after or shown.before
    if not vm:
        message = "Nothing more is known of this command."
        raise UserError(message)
    card = card_of(shown, vm)
    title = f"{shown.label} after “{shown.words}”"
    return finish(row, Outcome.SUCCEEDED, title, card=card, full=True)


ERRANDS: dict[str, Callable[[Desk, Command], Awaitable[Next]]] = {
    "login": login,
    "logout": logout,
    "whoami": whoami,
    "history": history,
    "show": show,
}
