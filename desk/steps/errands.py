"""Commands about the bot itself: log in and out, who am I, what happened, show more."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from api.wire import as_curl
from desk.alerts.taking import take
from desk.errors import UserError
from desk.history import EVERYBODY, ME, Search
from desk.notice import Outcome
from desk.sessions import LoginNeeded
from desk.steps.finish import card_of, finish
from desk.steps.silence import silence, unsilence
from desk.steps.voting import approve, deny, waiting

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from desk.clouds import Site
    from desk.command import Command, Next
    from desk.desk import Desk
    from desk.held import Held
    from desk.person import Person

_SHOWN = 20
_WIDER = "Look wider: --by all, a longer --since, or without --outcome."
_NARROWER = "Narrow it: /zstack history <vm>, --by, --outcome or --since 12h."


async def login(desk: Desk, row: Command) -> Next:
    """Connect a ZStack account, or another one."""
    if not row.memo.confirmed:
        raise LoginNeeded
    held = await desk.sessions.need(row.person)
    return finish(row, Outcome.SUCCEEDED, f"You are connected as {held.account_name}")


async def logout(desk: Desk, row: Command) -> Next:
    """End the person's session, here and at ZStack."""
    meant = [site for site in desk.everywhere if row.cloud in {"", site.name}]
    ended = [(it.name, await it.sessions.log_out(row.person)) for it in meant]
    said = [
        f"{held.account_name}{_at(name)}; {_end(held)}" for name, held in ended if held
    ]
    if not said:
        return finish(row, Outcome.UNCHANGED, "You were not connected to ZStack")
    title = f"You are disconnected from {', and from '.join(said)}"
    return finish(row, Outcome.SUCCEEDED, title)


def _at(name: str) -> str:
    return f" at {name}" if name else ""


def _end(held: Held) -> str:
    return "it is forgotten" if held.is_key else "its session is ended"


async def whoami(desk: Desk, row: Command) -> Next:
    """Tell which ZStack account the person is connected to."""
    name, workspace = await desk.directory.names(row.person)
    if desk.sites:
        title = f"You are {name} of {workspace}"
        lines = [await _stands_at(site, row.person) for site in desk.everywhere]
        return finish(row, Outcome.SUCCEEDED, title, lines=tuple(lines))
    held = await desk.sessions.get(row.person)
    if not held:
        title = f"You are {name} of {workspace}, not connected to ZStack"
        hint = "Connect with /zstack login."
        return finish(row, Outcome.SUCCEEDED, title, next_step=hint)
    title = f"You are {name} of {workspace}, connected as {held.account_name}"
    return finish(row, Outcome.SUCCEEDED, title, lines=(_lasts(held),))


async def _stands_at(site: Site, person: Person) -> str:
    held = await site.sessions.get(person)
    if held:
        return f"{site.name}: connected as {held.account_name}. {_lasts(held)}"
    hint = f"/zstack login --cloud {site.name}"
    return f"{site.name}: not connected. Connect with {hint}."


def _lasts(held: Held) -> str:
    if held.is_key:
        return "It signs every request anew, until you log out or a year without use."
    kept = ", and is kept for your shift" if held.kept else ""
    return f"The session ends {_span(held.lifetime)} after its last use{kept}."


def _span(seconds: float) -> str:
    """Write the life of a session, in hours where it is whole ones."""
    minutes = int(seconds // 60)
    hours, rest = divmod(minutes, 60)
    number, unit = (minutes, "minute") if rest or not hours else (hours, "hour")
    return f"{number} {unit}{'' if number == 1 else 's'}"


async def history(desk: Desk, row: Command) -> Next:
    """List commands: the person's own, unless the words ask for others'."""
    search = await _whose(desk, row, Search.of(row.arguments))
    asked = await desk.ledger.history(search=search, limit=_SHOWN, asked=True)
    if not asked:
        if not row.arguments:
            title = "You have not run a command yet"
            return finish(row, Outcome.SUCCEEDED, title)
        return finish(row, Outcome.SUCCEEDED, "No command fits", next_step=_WIDER)
    whose = "The" if row.arguments else "Your"
    title = f"{whose} last {len(asked)} commands"
    if len(asked) == 1:
        title = f"{whose} last command"
    table = await _lines(desk, asked, names=search.by != row.person.user)
    hint = _NARROWER if len(asked) == _SHOWN else None
    return finish(row, Outcome.SUCCEEDED, title, table=table, next_step=hint)


async def _whose(desk: Desk, row: Command, search: Search) -> Search:
    """Put a user id in place of a name; UserError when nobody is called so."""
    by = search.by or (EVERYBODY if search.vm else ME)
    if by == ME:
        by = row.person.user
    if by in {EVERYBODY, row.person.user}:
        return search.model_copy(update={"by": by})
    wanted = by.lstrip("@").casefold()
    for person in await desk.ledger.people():
        shown, _ = await desk.directory.names(person)
        if wanted in {person.user.casefold(), shown.casefold()}:
            return search.model_copy(update={"by": person.user})
    message = f"Nobody called “{by}” has run a command. --by all shows everybody's."
    raise UserError(message)


async def _lines(
    desk: Desk, rows: list[Command], *, names: bool
) -> tuple[tuple[str, ...], ...]:
    heading = ("When (UTC)", *(["Who"] if names else []), "Command", "VM", "Outcome")
    lines = [(*heading, "Id")]
    for row in rows:
        who = [(await desk.directory.names(row.person))[0]] if names else []
        when = datetime.fromtimestamp(row.accepted_at, UTC)
        stands = (row.words, row.resource_name or "-", _stands(row), row.id)
        lines.append((when.strftime("%Y-%m-%d %H:%M:%S"), *who, *stands))
    return tuple(lines)


_WAITS = {
    "ask.1": "waits for an answer",
    "login.1": "waits for a log-in",
    "approve.1": "waits for approval",
    "turn.1": "waits its turn",
}


def _stands(row: Command) -> str:
    """Its outcome, as `--outcome` looks for it, and for what it waits."""
    waits = _WAITS.get(row.step)
    return f"{row.outcome}, {waits}" if waits else str(row.outcome)


async def cancel(desk: Desk, row: Command) -> Next:
    """Take back a command of the person's own that was not sent yet."""
    wanted = await desk.ledger.by_id(row.arguments["command_id"])
    if wanted.person != row.person:
        message = f"{wanted.id} is somebody else's, so only they can cancel it."
        raise UserError(message)
    cancelled = await _cancelled(desk, wanted)
    if cancelled:
        title = f"Cancelled: {', '.join(f'“{one.words}”' for one in cancelled)}"
        return finish(row, Outcome.SUCCEEDED, title)
    wanted = await desk.ledger.by_id(wanted.id)
    is_over = wanted.outcome.is_final
    title = (
        f"“{wanted.words}” {'has ended' if is_over else 'was sent to ZStack'} already"
    )
    hint = (
        "Press Undo below its answer." if wanted.outcome is Outcome.SUCCEEDED else None
    )
    return finish(row, Outcome.UNCHANGED, title, next_step=hint)


async def _cancelled(desk: Desk, wanted: Command) -> list[Command]:
    """Cancel a command, or the parts of a batch; it may become one this moment."""
    if await desk.ledger.cancel(wanted):
        return [wanted]
    parts = await desk.ledger.children(wanted.id)
    return [one for one in parts if await desk.ledger.cancel(one)]


async def show(desk: Desk, row: Command) -> Next:
    """Show more of a command: the whole VM, or the equivalent command line."""
    shown = await desk.ledger.by_id(row.arguments["command_id"])
    if row.arguments["part"] == "curl":
        title = f"The command line of “{shown.words}”"
        code = as_curl(shown.to_operation(), desk.at(shown.cloud).cloud.url)
        return finish(row, Outcome.SUCCEEDED, title, code=code)
    vm = shown.after or shown.before
    if not vm:
        message = "Nothing more is known of this command."
        raise UserError(message)
    card = card_of(shown, vm)
    title = f"{shown.label} after “{shown.words}”"
    return finish(row, Outcome.SUCCEEDED, title, card=card, full=True)


ERRANDS: dict[str, Callable[[Desk, Command], Awaitable[Next | None]]] = {
    "login": login,
    "logout": logout,
    "whoami": whoami,
    "history": history,
    "cancel": cancel,
    "show": show,
    "silence": silence,
    "unsilence": unsilence,
    "take": take,
    "approve": approve,
    "deny": deny,
    "approvals": waiting,
}
