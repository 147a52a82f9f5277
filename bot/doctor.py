"""Checks a configuration without starting: what works, what does not, what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import inspect, select
from sqlalchemy.exc import DBAPIError

from api.errors import SessionExpired, ZStackError
from api.operations import GetVersion, IsReadyToGo
from bot.channels import look_at_alerts, look_at_audit
from bot.finding import Finding
from desk import tables
from desk.credentials import PROBE
from desk.errors import StoreUnavailable
from desk.listener import Listener
from desk.machine import STEPS
from desk.migrate import is_current
from desk.permission import kept_by, lists_of
from desk.rolls import Unanswered
from desk.rotation import survey
from handlers.slack.asking import NoAnswer, SlackSaid
from handlers.slack.links import NotConnected, open_link

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.app import Bot
    from desk.clouds import Site
    from desk.service import Service


_SHOWN = 5  # answers that are named
_LATELY = 7 * 86_400.0  # seconds
_MIGRATE = "Run: python -m bot migrate"


async def examine(bot: Bot) -> AsyncIterator[Finding]:
    """Look at everything that a start needs, one after the other; changes nothing."""
    try:
        is_new = not await _has_tables(bot)
        yield await _database(bot, is_new=is_new)
        if not bot.desk.store.is_sqlite:
            yield await _replicas(bot)
        if not is_new:
            yield await _rows(bot)
            yield await _keys(bot)
            yield await _mail(bot)
    except (DBAPIError, StoreUnavailable, OSError) as error:
        said = f"it does not answer: {why(error)}"
        yield Finding("database", is_well=False, said=said, hint="Check DATABASE_URL.")
    for site in bot.desk.everywhere:
        yield await look_at_zstack(site)
        if site.service:
            yield await _service_key(site.service)
    yield await look_at_slack(bot)
    if bot.settings.slack_app_token:
        yield await _sockets(bot)
    yield await look_at_alerts(bot)
    if bot.desk.policy().audit.channel:
        yield await look_at_audit(bot)
    hint = f"Run: python -m bot policy check {bot.policy.path}"
    is_right = not bot.policy.faults
    yield Finding("policy", is_well=is_right, said=bot.policy.said, hint=hint)
    if lists_of(bot.policy()):
        yield await _lists(bot)
    callback = bot.settings.callback
    said = f"asked to call {callback}" if callback else "not asked to call back"
    yield Finding("callbacks", is_well=True, said=f"ZStack is {said}")


def why(error: BaseException) -> str:
    """Say what a database's driver said, without the statement."""
    cause = error.__cause__ or error
    return str(getattr(cause, "orig", cause)) or type(cause).__name__


async def _has_tables(bot: Bot) -> bool:
    async with bot.desk.store.read() as connection:
        return await connection.run_sync(lambda it: inspect(it).has_table("command"))


async def _database(bot: Bot, *, is_new: bool) -> Finding:
    kind = "SQLite" if bot.desk.store.is_sqlite else "PostgreSQL"
    if is_new:
        said = f"{kind} answers, and is empty: the start makes the tables"
        return Finding("database", is_well=True, said=said)
    if await is_current(bot.desk.store):
        return Finding("database", is_well=True, said=f"{kind} answers")
    said = f"{kind} answers, and has the tables of another version"
    return Finding("database", is_well=False, said=said, hint=_MIGRATE)


async def _replicas(bot: Bot) -> Finding:
    """Without LISTEN the bot works all the same; so there is nothing that has to be mended."""
    hearing = await Listener(bot.desk.store).look()
    return Finding("replicas", is_well=True, said=str(hearing))


async def _rows(bot: Bot) -> Finding:
    """Rows at a step that this version does not know wait for a person."""
    rows = tables.command
    query = select(rows.c.id, rows.c.step, rows.c.question).where(
        rows.c.finished_at.is_(None)
    )
    async with bot.desk.store.read() as connection:
        found = (await connection.execute(query)).all()
    stray = [f"{row.id} at {row.step}" for row in found if row.step not in STEPS]
    waiting = sum(row.question is not None for row in found)
    said = (
        f"{len(found) - waiting} commands are on their way, {waiting} wait for a person"
    )
    if stray:
        said += f"; not understood: {', '.join(stray)}"
    return Finding("ledger", not stray, said, "Start the version that wrote them.")


async def _keys(bot: Bot) -> Finding:
    """What was sealed with a key that is not among ours cannot be read any more."""
    counts = await survey(bot.desk.store, bot.desk.vault)
    lost, all_of_them = counts["lost"], counts.total()
    said = f"{all_of_them - lost} of {all_of_them} sealed values can be opened"
    if counts["old"]:
        said += f", {counts['old']} by an older key: python -m bot rotate-keys"
    hint = "Put the key that they were sealed with back into SECRET_KEYS."
    return Finding("secret keys", not lost, said, hint)


async def _sockets(bot: Bot) -> Finding:
    """Ask for an address to connect to, and leave it at that."""
    name, hint = "socket mode", "See docs/socket-mode.md."
    try:
        await open_link(bot.app_client)
    except NotConnected as error:
        return Finding(name, is_well=False, said=str(error), hint=hint)
    posted = "" if bot.settings.slack_signing_secret else ", and nothing is posted"
    count = bot.settings.slack_sockets
    said = f"Slack lets the bot connect, {count} times at once{posted}"
    return Finding(name, is_well=True, said=said)


async def _lists(bot: Bot) -> Finding:
    """Who is on the lists that the policy speaks of; what nobody can say opens nothing."""
    told, is_well = [], True
    for name, (keeper, roll) in sorted(lists_of(bot.policy()).items()):
        try:
            told.append(f"{name} {await kept_by(bot.desk, keeper).size(roll)}")
        except Unanswered as error:
            told.append(f"{name} not known ({error})")
            is_well = False
    hint = "Until then nobody of them is let in, and what is denied to them is to all."
    return Finding("on call and groups", is_well, ", ".join(told), hint)


async def _mail(bot: Bot) -> Finding:
    """What was given up was never told: somebody has to look at what it was about."""
    box = tables.message
    lately = box.c.created_at > bot.desk.store.now() - _LATELY
    query = select(box.c.command_id).where(box.c.gave_up, lately)
    async with bot.desk.store.read() as connection:
        newest = query.order_by(box.c.created_at.desc())
        found = (await connection.execute(newest)).all()
    if not found:
        said = "none was given up within a week"
        return Finding("answers", is_well=True, said=said)
    shown = ", ".join(row.command_id for row in found[:_SHOWN])
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    said = f"{len(found)} were given up within a week, of: {shown}{more}"
    hint = "Look at these with /zstack history; the log says what Slack answered."
    return Finding("answers", is_well=False, said=said, hint=hint)


async def look_at_zstack(site: Site) -> Finding:
    """Ask a ZStack for its version and whether it is ready."""
    name = f"zstack {site.name}".rstrip()
    try:
        version = await site.cloud.call(GetVersion())
        await site.cloud.call(IsReadyToGo())
    except ZStackError as error:
        hint = "Check ZSTACK_URL" + (
            " and clouds: in the policy." if site.name else "."
        )
        return Finding(name, is_well=False, said=str(error), hint=hint)
    return Finding(name, is_well=True, said=f"version {version}, ready")


async def _service_key(service: Service) -> Finding:
    """Ask ZStack something under the bot's own access key."""
    try:
        await service(PROBE)
    except SessionExpired:
        said, hint = "ZStack does not know it", "Set ZSTACK_SERVICE_KEY anew."
    except ZStackError as error:
        said, hint = str(error), "Mend that first."
    else:
        return Finding("service key", is_well=True, said="ZStack takes it")
    return Finding("service key", is_well=False, said=said, hint=hint)


async def look_at_slack(bot: Bot) -> Finding:
    """Ask Slack where the bot is installed."""
    hint = "Check SLACK_BOT_TOKEN and SLACK_API_URL."
    try:
        workspace = await bot.members.workspace()
    except SlackSaid as error:
        return Finding("slack", is_well=False, said=f"Slack says {error}", hint=hint)
    except NoAnswer as error:
        said = f"Slack does not answer: {error}"
        return Finding("slack", is_well=False, said=said, hint=hint)
    return Finding("slack", is_well=True, said=f"installed in {workspace.get('team')}")
