"""Builds everything once, runs it, and takes it down in order."""

from __future__ import annotations

import contextlib
import fcntl
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import httpx
import structlog
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import update

from bot.clouds import build_sites
from bot.keys import secret_keys
from bot.policy_file import PolicyFile
from desk import tables
from desk.alerts.book import Book
from desk.alerts.cards import AT_ONCE as CARDS
from desk.alerts.cards import Cards
from desk.alerts.extras import CardExtras
from desk.alerts.routing import router
from desk.desk import Desk
from desk.engine import open_engine
from desk.ledger import Ledger
from desk.migrate import migrate
from desk.outbox import Outbox
from desk.postman import AT_ONCE as LETTERS
from desk.postman import Postman
from desk.runner import AT_ONCE as ROWS
from desk.runner import Runner
from desk.store import Store
from desk.vault import Vault
from desk.workers import Workers
from handlers.alerts.silencer import Alertmanager
from handlers.deliver import ByKind, Silent
from handlers.pagerduty import PagerDuty
from handlers.slack.deliver import SlackDeliver, at_the_door, in_channel
from handlers.slack.members import Members
from handlers.slack.questions import Questions
from handlers.slack.responder import Responder
from handlers.slack.usergroups import UserGroups

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from pydantic import SecretStr

    from bot.settings import Settings
    from desk.alerts.group import Group
    from desk.command import Command
    from desk.message import Message
    from desk.rolls import Roll


log = structlog.get_logger()


class AnotherRuns(Exception):  # named by what happened
    """Another process works on this SQLite file."""


@dataclass(frozen=True)
class Bot:
    """The parts of a running bot."""

    settings: Settings
    desk: Desk
    client: AsyncWebClient
    app_client: AsyncWebClient
    """It acts for the app, not for its bot: it opens connections."""
    slack_http: aiohttp.ClientSession
    members: Members
    policy: PolicyFile
    runner: Workers[Command]
    postman: Workers[Message]
    book: Book
    card_worker: Workers[Group]


@contextlib.asynccontextmanager
async def assemble(
    settings: Settings, *, migrates: bool = True, listens: bool = False
) -> AsyncIterator[Bot]:
    """Build the bot, its database up to date; everything is closed at the end.

    `listens`: it will serve. Beside an SQLite file that nobody else serves, ZStack would
    call in vain.
    """
    vault = Vault(secret_keys(settings))
    if settings.sqlite_file:
        settings.sqlite_file.parent.mkdir(parents=True, exist_ok=True)
    is_heard = listens or not settings.sqlite_file
    async with contextlib.AsyncExitStack() as stack:
        store = Store(open_engine(settings.engine_url))
        stack.push_async_callback(store.engine.dispose)
        if migrates:
            await migrate(store)
        slack_http = await stack.enter_async_context(aiohttp.ClientSession())
        client = _slack(settings, settings.slack_bot_token, slack_http)
        questions = Questions(client)
        members = Members(questions)
        policy = PolicyFile(settings.policy_file or Path("policy.yaml"))
        outbox = Outbox(store, vault)
        sites = await build_sites(settings, policy(), store, vault, stack)
        desk = Desk(
            store=store,
            vault=vault,
            ledger=Ledger(store, vault, outbox, rate=settings.rate_limit),
            outbox=outbox,
            cloud=sites[0].cloud,
            sessions=sites[0].sessions,
            directory=members,
            public_url=settings.base_url,
            callback=settings.callback if is_heard else None,
            job_margin=settings.job_margin,
            policy=policy,
            room=in_channel,
            door=at_the_door,
            rolls=await _rolls(settings, questions, members, stack),
            silencer=await _silencer(settings, stack),
            service=sites[0].service,
            sites={it.name: it for it in sites} if policy().clouds else {},
        )
        hosts = settings.slack_response_hosts
        responder = Responder(slack_http, hosts, now=time.time)
        deliver = ByKind({"slack": SlackDeliver(client, responder), "shell": Silent()})
        runner, postman = Runner(desk), Postman(outbox, deliver)
        cards = Cards(desk, in_channel, extend=CardExtras(desk))
        ledger = desk.ledger
        yield Bot(
            settings=settings,
            desk=desk,
            client=client,
            app_client=_slack(settings, settings.slack_app_token, slack_http),
            slack_http=slack_http,
            members=members,
            policy=policy,
            runner=Workers(ledger, runner.carry_on, bell=store.work, at_once=ROWS),
            postman=Workers(outbox, postman.carry, bell=store.mail, at_once=LETTERS),
            book=Book(store, router(desk.policy, settings.alert_channel)),
            card_worker=Workers(cards, cards.draw, bell=store.alerts, at_once=CARDS),
        )


async def _rolls(
    settings: Settings,
    questions: Questions,
    members: Members,
    stack: contextlib.AsyncExitStack,
) -> dict[str, Roll]:
    rolls: dict[str, Roll] = {"slack": UserGroups(questions)}
    token = settings.pagerduty_token
    if token.get_secret_value():
        http = await stack.enter_async_context(httpx.AsyncClient(trust_env=False))
        rolls["pagerduty"] = PagerDuty(settings.pagerduty_url, token, http, members)
    return rolls


async def _silencer(
    settings: Settings, stack: contextlib.AsyncExitStack
) -> Alertmanager | None:
    if not settings.alertmanager_url:
        return None
    http = await stack.enter_async_context(httpx.AsyncClient(trust_env=False))
    return Alertmanager(settings.alertmanager_url, http)


def _slack(
    settings: Settings, token: SecretStr, session: aiohttp.ClientSession
) -> AsyncWebClient:
    return AsyncWebClient(
        token.get_secret_value(),
        base_url=f"{settings.slack_api_url}/",
        session=session,
        timeout=10,
        retry_handlers=[],  # the outbox tries again, for a day
    )


@contextlib.contextmanager
def only_runner(settings: Settings) -> Iterator[None]:
    """Hold the SQLite file's runner lock; raises AnotherRuns. PostgreSQL needs none."""
    if not settings.sqlite_file:
        yield
        return
    path = settings.sqlite_file.with_suffix(".lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            message = (
                f"Another bot is running on {settings.sqlite_file}. Stop it first, or "
                "use PostgreSQL for several."
            )
            raise AnotherRuns(message) from None
        yield


async def take_over(bot: Bot) -> None:
    """Free what a dead process still holds; the runner lock says that it is dead."""
    if not bot.settings.sqlite_file:
        return  # others may live: what they held is free when its lease runs out
    async with bot.desk.store.write() as connection:
        for table in (tables.command, tables.message, tables.alert_group):
            await connection.execute(update(table).values(claim=None, lease=None))
