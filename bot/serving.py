"""Serves until it is told to stop, then finishes what is under way."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog
import uvicorn

from bot.app import assemble, only_runner, take_over
from bot.channels import look_at_alerts, look_at_audit
from bot.doctor import look_at_slack, look_at_zstack
from bot.heap import share_heaps
from bot.patient import Patient
from bot.settings import SettingsFault
from desk.audit_channel import AuditChannel
from desk.copies import Copies
from desk.errors import StoreUnavailable
from desk.listener import Listener
from desk.retention import sweep
from desk.runner import Runner
from desk.shifts import remind
from handlers import syslog
from handlers.alerts.routes import alert_routes
from handlers.slack.app import build
from handlers.slack.ingress import ingress
from handlers.slack.sockets import Sockets
from handlers.web.app import web
from handlers.web.health import Health

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterator

    from slack_bolt.async_app import AsyncApp

    from bot.app import Bot
    from bot.policy_file import PolicyFile
    from bot.settings import Settings
    from desk.desk import Desk

DRAIN = 10.0  # seconds for what is under way at SIGTERM, after 5 for the server; the platform kills at 20
_RENEW = 30.0  # seconds between two looks at the sessions of a shift
_POLICY = 2.0  # seconds between two looks at the policy file
_SHIFTS = 60.0  # seconds between two looks at who is on call
_COPY = 2.0  # seconds between two looks for new rows of the audit
_SWEEP = 3600.0  # seconds between two sweeps of what is old

log = structlog.get_logger()


class _Server(uvicorn.Server):
    """A server that leaves signals to `serve`."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is under way and return."""
    share_heaps()
    with only_runner(settings):
        listening = _listen(settings.host, settings.port)
        # asyncio sets this only on sockets that name their protocol; without it every
        # acknowledgement waits 40 ms for the one of TCP.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        async with assemble(settings, listens=True) as bot:
            bot.policy.must_be_right()
            await take_over(bot)
            await Runner(bot.desk).catch_up()
            await bot.book.catch_up()
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
    app = build(desk, bot.client)
    sockets = _sockets(bot, app)
    health.sockets = sockets
    slack = ingress(app, secrets) if secrets else None
    config = uvicorn.Config(
        web(desk, health, slack, alerts=alert_routes(bot.book, settings.alert_secrets)),
        http=Patient,
        log_config=None,
        access_log=False,
        server_header=False,
        # Longer than whoever is in front keeps its connections: it would use one that we
        # are just closing, and what Slack sent would be lost.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=5,
    )
    server, stop = _Server(config), _stop_signal()
    copies = Copies(desk.store, desk.policy, syslog.send)
    channel = AuditChannel(desk)
    await channel.catch_up()  # what happens from now on is told
    takers = [sockets.run()] if sockets else []
    workers = [bot.runner.run(), bot.postman.run(), bot.card_worker.run()]
    chores = [
        *(_now_and_then(_RENEW, it.sessions.renew_due) for it in desk.everywhere),
        _now_and_then(_SWEEP, partial(sweep, desk.store)),
        _now_and_then(_RENEW, bot.book.catch_up),
        _now_and_then(_SHIFTS, partial(remind, desk)),
        _now_and_then(_COPY, copies.catch_up),
        _now_and_then(_COPY, channel.catch_up),
        _look(bot, health),
        _heed(bot.policy, health),
        Listener(desk.store).run(),
    ]
    taking, working, caring = map(_started, (takers, workers, chores))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    log.info("serving", port=listening.getsockname()[1], zstack=settings.zstack_url)
    ends = {serving, asyncio.create_task(stop.wait()), *taking, *working}
    await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    log.info("stopping")
    health.is_stopping = True
    server.should_exit = True  # finishes the acknowledgements that are under way
    if sockets:
        sockets.stop()  # so do they
    await asyncio.wait({serving, *taking})
    bot.runner.stop()
    bot.postman.stop()
    bot.card_worker.stop()
    for task in caring:
        task.cancel()
    giving = asyncio.create_task(_give_back(desk))
    done, _ = await asyncio.wait([*working, *caring, giving], timeout=DRAIN)
    log.info("stopped")
    for task in (serving, *taking, *done & set(working)):
        task.result()  # a worker that broke ends the process, to be started again


async def _give_back(desk: Desk) -> None:
    with contextlib.suppress(StoreUnavailable):  # others wait for the lease
        await desk.ledger.give_back()


def _started(jobs: list[Coroutine[Any, Any, None]]) -> list[asyncio.Task[None]]:
    return [asyncio.create_task(job) for job in jobs]


def _sockets(bot: Bot, app: AsyncApp) -> Sockets | None:
    if not bot.settings.slack_app_token:
        return None
    count = bot.settings.slack_sockets
    return Sockets(app, bot.app_client, bot.slack_http, count=count)


async def _look(bot: Bot, health: Health) -> None:
    """Keep what `/readyz` reports of others; it decides nothing."""
    while True:
        clouds = [partial(look_at_zstack, desk) for desk in bot.desk.everywhere]
        for look in (
            *clouds,
            partial(look_at_slack, bot),
            partial(look_at_alerts, bot),
            partial(look_at_audit, bot),
        ):
            found = await look()
            health.seen[found.name] = found.said
        await asyncio.sleep(_RENEW)


async def _heed(policy: PolicyFile, health: Health) -> None:
    """Take a changed policy file up; SIGHUP has it read at once."""
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, policy.reread)
    while True:
        policy.look()
        health.seen["policy"] = policy.said
        await asyncio.sleep(_POLICY)


def _stop_signal() -> asyncio.Event:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def _now_and_then(seconds: float, chore: Callable[[], Awaitable[object]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await chore()
        except Exception as error:  # the next round may do better
            log.exception("chore_failed", exc_info=error)
