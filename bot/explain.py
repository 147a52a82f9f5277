"""What the policy says of a command, rule by rule, without running it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import typer
from pydantic import TypeAdapter, ValidationError

from bot.shell import SLASH, me
from desk import resolve as look_up
from desk.called import by_name
from desk.command import Command
from desk.errors import UserError
from desk.notice import Outcome
from desk.permission import asked_of, resource_of
from desk.person import Person
from desk.policy import Channel, Kind, Resource, weigh
from desk.policy.file import PolicyFault, read_policy
from desk.policy.ids import ChannelId, UserId
from desk.request import Request
from handlers.grammar import Help, parse

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from bot.app import Bot
    from desk.desk import Desk
    from desk.policy import Asked, Ruling
    from desk.policy.rule import Fit

_UNKNOWN = (
    "not known: of which kind {} is, which Slack does not tell of where the bot is not in; "
    "say it with --kind"
)
_NO = 3  # the exit status of what is refused (contract.md)


async def explain(
    bot: Bot, line: str, *, user: str, where: Channel, moment: datetime
) -> int:
    """Print what the policy says; the exit status is that of a refusal when it says no."""
    _must_be(UserId, user, besides="shell")
    _must_be(ChannelId, where.id, besides="")
    row = await _row(bot, line, user, where.id, moment)
    desk = bot.desk.at(row.cloud).settled()
    asked = await asked_of(desk, row, None)
    channel, assumed = await _channel(desk, row, where)
    asked = replace(asked, channel=channel)
    if asked.is_early:
        resource, note = await _resource(desk, row)
        asked = replace(asked, resource=resource, is_early=False)
        typer.echo(note)
    policy = desk.policy()
    ruling = weigh(policy, asked)
    for told in (assumed, *_told(asked, ruling)):
        if told:
            typer.echo(await by_name(desk, told, policy.ids - {user}))
    return 0 if ruling.verdict.is_allowed else _NO


def _must_be(kind: Any, given: str, *, besides: str) -> None:
    """Refuse a name in place of an id, which would be a stranger or a channel nobody knows."""
    try:
        if given != besides:
            TypeAdapter(kind).validate_python(given)
    except ValidationError as error:
        message = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise UserError(message) from None


async def _row(
    bot: Bot, line: str, user: str, channel: str, moment: datetime
) -> Command:
    words = parse(SLASH.sub("", line))
    if isinstance(words, Help):
        message = f"“{line}” asks for help, which everybody may."
        raise UserError(message)
    request = Request(
        key="explained",
        operation=words.operation,
        arguments=words.arguments,
        cloud=words.cloud or bot.desk.meant_by(channel),
        words=line,
        person=await _person(bot, user),
        place={"kind": "slack" if channel else "shell", "channel": channel},
    )
    return Command(
        **dict(request),
        id="explained",
        step="decide.1",
        outcome=Outcome.ACCEPTED,
        resource_name=request.names_resource,
        accepted_at=moment.timestamp(),
        claimed_at=moment.timestamp(),
    )


async def _person(bot: Bot, user: str) -> Person:
    """Somebody of our own workspace, of another one (`T2/U1`), or at the shell."""
    if user == "shell":
        return me()
    workspace = await bot.members.workspace()
    team, _, name = user.rpartition("/")
    return Person(
        enterprise=workspace.get("enterprise_id") or "",
        team=team or workspace["team_id"],
        user=name,
    )


async def _channel(desk: Desk, row: Command, where: Channel) -> tuple[Channel, str]:
    """Where it is asked, and what was assumed about that."""
    if where.kind is not Kind.UNKNOWN:
        return where, f"assumed: it is asked in a place of the kind {where.kind}"
    found = await desk.directory.channel(row.place, asks=True)
    if found.kind is Kind.UNKNOWN:
        return found, _UNKNOWN.format(found.id)
    if found.kind is Kind.SHELL and not row.person.is_shell:
        return found, "assumed: it is asked at the shell; name a channel with --in"
    return found, ""


async def _resource(desk: Desk, row: Command) -> tuple[Resource, str]:
    """The VM as that person may see it; its name alone when they are not logged in."""
    named = row.resource_name or ""
    bare = Resource(name=named)
    if not await desk.sessions.get(row.person):
        said = (
            f"{row.person.user} is not logged in to ZStack here: only the name counts"
        )
        return bare, said
    question = partial(desk.sessions.call, row.person)
    found = await look_up.find_vms(question, named)
    if len(found) != 1:
        return bare, f"{len(found)} VMs fit “{named}”: only the name counts"
    names = await look_up.names_around(question, found)
    resource = await resource_of(desk, question, found[0], names)
    return resource, f"{resource.name} is VM {resource.uuid}"


def _told(asked: Asked, ruling: Ruling) -> list[str]:
    who, at = asked.who, f"{asked.moment:%Y-%m-%d %H:%M %Z}"
    about = ", ".join(
        (
            who.standing,
            *sorted(who.groups),
            *(f"on call for {it}" for it in who.on_call),
        )
    )
    at_all = "the shell" if asked.channel.kind is Kind.SHELL else "no channel"
    where = f"{asked.channel.id or at_all} ({asked.channel.kind})"
    wants = f"{asked.command} ({asked.operation}, {asked.risk})"
    return [
        f"{who.person.user} ({about}) asks in {where} at {at} for {wants}",
        *(f"not known: {why}" for why in sorted(set(who.unknown.values()))),
        *(_line(fit) for fit in ruling.fits),
        *ruling.verdict.trace,
        ruling.verdict.reason,
    ]


def _line(fit: Fit) -> str:
    head = f"  {fit.rule.effect:<8} “{fit.rule.name}”"
    if fit.holds:
        return f"{head} fits"
    if fit.misses:
        return f"{head} does not fit: {', '.join(fit.misses)}"
    return f"{head} is not known to fit: {', '.join(fit.unknown)}"


def check(path: Path, body: bytes) -> list[str]:
    """Find what is wrong with a policy file: a line for each fault, as editors read them."""
    try:
        read_policy(body.decode())
    except PolicyFault as fault:
        return [f"{path}:{it.line}:{it.column}: {it.message}" for it in fault.faults]
    except UnicodeDecodeError:
        return [f"{path} is not UTF-8 text, so it is no policy file."]
    return []
