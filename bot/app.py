"""Builds everything once, runs it, and takes it down in order."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import signal
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import aiohttp
import structlog
import uvicorn
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import update

from api.client import ZStack, connect
from bot.doctor import look_at_slack, look_at_zstack
from bot.keys import secret_keys
from bot.settings import SettingsFault
from desk import tables
from desk.desk import Desk
from desk.ledger import Ledger
from desk.migrate import migrate
from desk.outbox import Outbox
from desk.postman import AT_ONCE as LETTERS
from desk.postman import Postman
from desk.runner import AT_ONCE as ROWS
from desk.runner import Runner
from desk.sessions import Sessions
from desk.store import Store, open_engine
from desk.vault import Vault
from desk.workers import Workers
from handlers.deliver import ByKind, Silent
from handlers.slack.app import build
from handlers.slack.deliver import SlackDeliver
from handlers.slack.ingress import ingress
from handlers.slack.members import Members
from handlers.slack.responder import Responder
from handlers.web.app import web
from handlers.web.health import Health

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    import httpx

    from bot.settings import Settings
    from desk.command import Command
    from desk.outbox import Message

DRAIN = 10.0  # seconds for what is under way at SIGTERM, after 5 for the server; the platform kills at 20
_WORKERS = 2  # of the tasks of a running bot, the first so many finish their work
_RENEW = 30.0  # seconds between two looks at the sessions of a shift

log = structlog.get_logger()


class AnotherRuns(Exception):  # named by what happened
    """Another process works on this SQLite file."""


@dataclass(frozen=True)
class Bot:
    """The parts of a running bot."""

    settings: Settings
    desk: Desk
    client: AsyncWebClient
    members: Members
    runner: Workers[Command]
    postman: Workers[Message]


@contextlib.asynccontextmanager
async def assemble(settings: Settings, *, migrates: bool = True) -> AsyncIterator[Bot]:
    """Build the bot, its database up to date; everything is closed at the end."""
    vault = Vault(secret_keys(settings))
    if settings.sqlite_file:
        settings.sqlite_file.parent.mkdir(parents=True, exist_ok=True)
    async with contextlib.AsyncExitStack() as stack:
        store = Store(open_engine(settings.engine_url))
        stack.push_async_callback(store.engine.dispose)
        if migrates:
            await migrate(store)
        http = await stack.enter_async_context(_zstack_http(settings))
        slack_http = await stack.enter_async_context(aiohttp.ClientSession())
        zone = ZoneInfo(settings.zstack_timezone) if settings.zstack_timezone else None
        cloud = ZStack(settings.zstack_url, http=http, zone=zone)
        client = AsyncWebClient(
            settings.slack_bot_token.get_secret_value(),
            base_url=f"{settings.slack_api_url}/",
            session=slack_http,
            timeout=10,
            retry_handlers=[],  # the outbox tries again, for a day
        )
        members = Members(client)
        outbox = Outbox(store, vault)
        desk = Desk(
            store=store,
            vault=vault,
            ledger=Ledger(store, vault, outbox),
            outbox=outbox,
            cloud=cloud,
            sessions=Sessions(store, vault, cloud),
            directory=members,
            public_url=settings.base_url,
            callback=settings.callback,
            job_margin=settings.job_margin,
        )
        hosts = settings.slack_response_hosts
        responder = Responder(slack_http, hosts, now=time.time)
        deliver = ByKind({"slack": SlackDeliver(client, responder), "shell": Silent()})
        runner, postman = Runner(desk), Postman(outbox, deliver)
        ledger = desk.ledger
        yield Bot(
            settings=settings,
            desk=desk,
            client=client,
            members=members,
            runner=Workers(ledger.claim, runner.advance, bell=store.work, at_once=ROWS),
            postman=Workers(
                outbox.claim, postman.carry, bell=store.mail, at_once=LETTERS
            ),
        )


@contextlib.asynccontextmanager
async def _zstack_http(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    ca_file = settings.zstack_ca_file
    async with connect(ca_file=str(ca_file) if ca_file else None) as http:
        yield http


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
    """Free what a dead process still holds; the runner lock says that it is dead.

    What an older version put aside, because it did not know the step, goes on as well.
    """
    await Runner(bot.desk).unpark()
    if not bot.settings.sqlite_file:
        return  # others may live: what they held is free when its lease runs out
    async with bot.desk.store.write() as connection:
        for table in (tables.command, tables.message):
            await connection.execute(update(table).values(claim=None, lease=None))


class _Server(uvicorn.Server):
    """A server that leaves signals to `serve`."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is under way and return."""
    with only_runner(settings):
        listening = _listen(settings.host, settings.port)
        # asyncio sets this only on sockets that name their protocol; without it every
        # acknowledgement waits 40 ms for the one of TCP.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        async with assemble(settings) as bot:
            await take_over(bot)
            await _serve(bot, listening)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        reason = str(error.strerror).split(" (", maxsplit=1)[0]
        message = (
            f"PORT: cannot listen at {host} port {port}: {reason} (for example: 3000)"
        )
        raise SettingsFault(message) from None


async def _serve(bot: Bot, listening: socket.socket) -> None:
    settings, desk = bot.settings, bot.desk
    health = Health(desk.store, settings.metrics_token.get_secret_value())
    secrets = [one.get_secret_value() for one in settings.slack_signing_secret]
    slack = ingress(build(desk, bot.client), secrets)
    config = uvicorn.Config(
        web(desk, health, slack),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    server, stop = _Server(config), _stop_signal()
    work = [
        bot.runner.run(),
        bot.postman.run(),
        _keep_sessions(desk),
        _look(bot, health),
    ]
    tasks = [asyncio.create_task(job) for job in work]
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    log.info("serving", port=listening.getsockname()[1], zstack=settings.zstack_url)
    ends = {serving, asyncio.create_task(stop.wait()), *tasks[:_WORKERS]}
    await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    log.info("stopping")
    health.is_stopping = True
    server.should_exit = True  # finishes the acknowledgements that are under way
    await serving
    bot.runner.stop()
    bot.postman.stop()
    for task in tasks[_WORKERS:]:
        task.cancel()
    done, _ = await asyncio.wait(tasks, timeout=DRAIN)
    log.info("stopped")
    for task in done & set(tasks[:_WORKERS]):
        task.result()  # a worker that broke ends the process, to be started again


async def _look(bot: Bot, health: Health) -> None:
    """Keep what `/readyz` reports of ZStack and Slack; it decides nothing."""
    while True:
        for found in (await look_at_zstack(bot), await look_at_slack(bot)):
            health.seen[found.name] = found.said
        await asyncio.sleep(_RENEW)


def _stop_signal() -> asyncio.Event:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def _keep_sessions(desk: Desk) -> None:
    while True:
        await asyncio.sleep(_RENEW)
        try:
            await desk.sessions.renew_due()
        except Exception as error:  # the next round may do better
            log.exception("renewal_failed", exc_info=error)
