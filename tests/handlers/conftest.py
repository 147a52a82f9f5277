"""A whole bot between both stand-ins, on real sockets and a real database."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import httpx
import pytest
import stamina
import structlog
from cryptography.fernet import Fernet
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import event, text

from api.client import ZStack
from bot.addresses import engine_url
from desk.alerts.book import Book
from desk.alerts.cards import Cards
from desk.alerts.routing import router
from desk.desk import Desk
from desk.engine import open_engine
from desk.ledger import Ledger
from desk.outbox import Outbox
from desk.policy import Policy
from desk.postman import Postman
from desk.runner import Runner
from desk.service import Service
from desk.sessions import Sessions
from desk.store import Store
from desk.vault import Vault
from desk.workers import Workers
from handlers.alerts.routes import alert_routes
from handlers.deliver import ByKind, Silent
from handlers.slack.app import build
from handlers.slack.deliver import SlackDeliver, at_the_door, in_channel
from handlers.slack.ingress import ingress
from handlers.slack.members import Members
from handlers.slack.questions import Questions
from handlers.slack.responder import Responder
from handlers.web.app import web
from handlers.web.health import Health
from sandbox.login import follow
from sandbox.server import serve
from sandbox.slack import Slack
from sandbox.zstack import Node
from tests.leaks import secret

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SECRET = "sandbox-signing-secret"
KEY = secret("encryption key", Fernet.generate_key().decode())
OLD_SECRET = secret("signing secret", "the-secret-before")
ALERT_SECRETS = {
    "alertmanager": "alertmanager-token",
    "grafana": "grafana-alert-secret",
    "zwatch": "zwatch:päss:word",
    "pagerduty": "pagerduty-secret",
    "generic": "generic-alert-token",
}
for it in ALERT_SECRETS.values():
    secret("secret of an alert source", it)


@dataclass
class Doors:
    """One socket for all three, because each takes a while to close."""

    slack: Any
    node: Any
    app: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope.get("path", "")
        app = self.app
        if path.startswith(("/api/", "/response/")):
            app = self.slack
        elif path.startswith("/zstack/v1"):
            app = self.node
        await app(scope, receive, send)


@dataclass
class Bot:
    """Everything of one bot that a test may want to look at or to break."""

    slack: Slack
    node: Node
    desk: Desk
    store: Store
    url: str
    browser: httpx.AsyncClient
    client: AsyncWebClient
    health: Health
    doors: Doors
    members: Members
    responder: Responder
    deliver: SlackDeliver
    database_url: str
    book: Book
    workers: list[Workers[Any]] = field(default_factory=list)

    async def alert(self, *alerts: dict[str, Any], source: str = "generic") -> Any:
        """Tell of alerts as a program does; the last answer."""
        token = {"Authorization": f"Bearer {ALERT_SECRETS[source]}"}
        url = f"{self.url}/alerts/{source}"
        for alert in alerts:
            answer = await self.browser.post(url, json=alert, headers=token)
        return answer

    @property
    def database(self) -> Path:
        """The file of an SQLite database."""
        return Path(self.database_url.removeprefix("sqlite:///"))

    async def command(self, words: str, **where: str) -> Any:
        """Type a whole slash command, as `/detach-iso web-01`."""
        name, _, arguments = words.partition(" ")
        return await self.slack.command(name, arguments, **where)

    async def rows(self) -> Any:
        """The rows of the ledger, the newest first."""
        return await self.desk.ledger.history()

    async def log_in(self, user: str = "alice", account: str = "ops") -> str:
        """Ask for a link, follow it, and wait until it is said."""
        await self.command("/zstack login", user=user)
        link = await self.link(user)
        said = await follow(link, account=account, password="sandbox-password")
        await self.said("now acts in ZStack")
        return said

    async def link(self, user: str = "alice") -> str:
        """The link of the newest question to log in, once it is there."""
        person = self.slack.workspace.person(user).id
        seen = await self.slack.wait(
            lambda it: it.seen_by == person and bool(links(it)) and it not in self.used
        )
        self.used.append(seen)
        return links(seen)[0]

    used: list[Any] = field(default_factory=list)

    async def said(self, words: str, **more: Any) -> Any:
        """The first message whose text has `words` in it."""
        return await self.slack.wait(lambda it: words in it.text, **more)

    async def ended(self, outcome: str) -> Any:
        """The first message that tells this outcome."""
        return await self.slack.wait(lambda it: it.outcome == outcome)

    async def sql(self, statement: str) -> None:
        """Change the database behind the bot's back."""
        async with self.store.engine.begin() as connection:
            await connection.execute(text(statement))


def links(message: Any) -> list[str]:
    return [it.url for it in message.controls if "/login/" in it.url]


@pytest.fixture(autouse=True)
def _retries_do_not_wait():
    stamina.set_testing(True, attempts=2)
    yield
    stamina.set_testing(False)


@pytest.fixture(autouse=True, scope="session")
def _plain_logs():
    """Without the pictures of every local variable that take seconds to draw."""
    renderer = structlog.processors.KeyValueRenderer()
    structlog.configure(processors=[structlog.processors.format_exc_info, renderer])
    yield
    structlog.reset_defaults()


@pytest.fixture
def logged(caplog):
    """Every line of structlog, and more of logging than the bot lets through."""
    caplog.set_level(logging.INFO)
    for theirs in ("httpx", "uvicorn.access"):  # of the stand-ins and the browser
        caplog.set_level(logging.WARNING, logger=theirs)
    caplog.handler.setFormatter(logging.Formatter("%(message)s"))

    @dataclass
    class Logged:
        events: list[Any]

        def __contains__(self, words: str) -> bool:
            return words in caplog.text or words in repr(self.events)

        def named(self, name: str) -> list[Any]:
            return [it for it in self.events if it["event"] == name]

    with structlog.testing.capture_logs() as events:
        yield Logged(events)


@pytest.fixture
def node():
    return Node(job_seconds=0.05, web_hook_tries=1, web_hook_interval=0.05)


@pytest.fixture
def slack():
    return Slack()


@pytest.fixture
def database_url(request):
    """SQLite unless a test asks for both by name, because a whole bot takes its time."""
    which = {
        "sqlite": "sqlite_url",
        "postgresql": "postgres_url",
        "proxied": "proxied_url",
    }
    return request.getfixturevalue(which[getattr(request, "param", "sqlite")])


@pytest.fixture
async def idle(slack, node, database_url):
    """A bot that takes and records, and whose workers do not run yet."""
    async with assembled(slack, node, database_url) as bot:
        yield bot


@pytest.fixture
async def bot(idle):
    """A bot at work."""
    async with working(idle):
        yield idle


@contextlib.asynccontextmanager
async def working(bot: Bot) -> AsyncIterator[None]:
    """Run the workers of a bot, and stop them at the end."""
    tasks = [asyncio.create_task(one.run()) for one in bot.workers]
    try:
        yield
    finally:
        for one in bot.workers:
            one.stop()
        await asyncio.gather(*tasks)


@contextlib.asynccontextmanager
async def assembled(
    slack: Slack,
    node: Node,
    database_url: str,
    *,
    door: Bot | None = None,
    service_key: str = "",
    policy: Policy | None = None,
) -> AsyncIterator[Bot]:
    """Build a bot between both stand-ins, as the start of a replica does.

    ZStack calls back at its `door`, which is its own unless another one is named.
    """
    async with contextlib.AsyncExitStack() as stack:
        # Closed last: what a request still holds when it closes is never closed at all.
        store = Store(_engine(database_url))
        stack.push_async_callback(store.engine.dispose)
        doors = Doors(slack.app, node.app)
        url = await stack.enter_async_context(serve(doors))
        # Who is connected leaves before the server closes, so that it need not wait.
        stack.push_async_callback(slack.close)
        stack.push_async_callback(node.idle)
        slack.bot_url = slack.state.url = url
        # Reading the authorities of TLS takes longer than most of these tests.
        http = httpx.AsyncClient(trust_env=False, verify=False, timeout=10)
        await stack.enter_async_context(http)
        slack_http = await stack.enter_async_context(aiohttp.ClientSession())
        browser = httpx.AsyncClient(trust_env=False, verify=False, timeout=10)
        await stack.enter_async_context(browser)
        client = AsyncWebClient(
            slack.state.bot_token,
            base_url=f"{url}/api/",
            session=slack_http,
            retry_handlers=[],
        )
        members = Members(Questions(client, seconds=2))
        cloud = ZStack(f"{url}/zstack", http=http)
        desk = _desk(store, cloud, members, door.url if door else url)
        service = Service(cloud, service_key) if service_key else None
        desk = replace(desk, service=service, policy=lambda: policy or Policy())
        host = url.removeprefix("http://")
        responder = Responder(slack_http, [host], now=time.time)
        deliver = SlackDeliver(client, responder, seconds=2)
        health = Health(store)
        slack_door = ingress(build(desk, client), [OLD_SECRET, SECRET])
        book = Book(store, router(desk.policy, "C0OPS"))
        doors.app = web(
            desk, health, slack_door, alerts=alert_routes(book, ALERT_SECRETS)
        )
        kinds = ByKind({"slack": deliver, "shell": Silent()})
        yield Bot(
            slack=slack,
            node=node,
            desk=desk,
            store=store,
            url=url,
            browser=browser,
            client=client,
            health=health,
            doors=doors,
            members=members,
            responder=responder,
            deliver=deliver,
            database_url=database_url,
            book=book,
            workers=_workers(desk, kinds),
        )


def _engine(database_url: str) -> Any:
    """A database that says at once that it is locked, and does not sync: it is thrown away."""
    engine = open_engine(engine_url(database_url))
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine.sync_engine, "connect")
        def _hurry(connection: Any, _: Any) -> None:
            cursor = connection.cursor()
            for pragma in ("synchronous=OFF", "busy_timeout=1000"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

    return engine


def _desk(store: Store, cloud: ZStack, members: Members, url: str) -> Desk:
    vault = Vault([KEY])
    outbox = Outbox(store, vault)
    return Desk(
        store=store,
        vault=vault,
        ledger=Ledger(store, vault, outbox),
        outbox=outbox,
        cloud=cloud,
        sessions=Sessions(store, vault, cloud),
        directory=members,
        public_url=url,
        room=in_channel,
        door=at_the_door,
        callback=f"{url}/zstack/jobs",
    )


def _workers(desk: Desk, kinds: ByKind) -> list[Workers[Any]]:
    runner, postman = Runner(desk), Postman(desk.outbox, kinds)
    ledger, store = desk.ledger, desk.store
    cards = Cards(desk, in_channel, pause=0)
    return [
        Workers(cards, cards.draw, bell=store.alerts, at_once=4),
        Workers(ledger, runner.carry_on, bell=store.work, at_once=32),
        Workers(desk.outbox, postman.carry, bell=store.mail, at_once=8),
    ]
