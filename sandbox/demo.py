"""The whole thing on this machine: a ZStack, a Slack, an Alertmanager and the bot.

One ISO is detached by a command; then an alert comes about one that was forgotten.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from sandbox import botprocess
from sandbox.alertmanager import Alertmanager
from sandbox.botprocess import BotFailedError, BotProcess
from sandbox.console import build_page
from sandbox.login import LoginFailedError, login
from sandbox.oncall import TOKEN, AlertLostError, ForgottenIso, is_card
from sandbox.server import serve
from sandbox.slack import Slack
from sandbox.terminal import UNFINISHED, Lines, Prompt, Screen
from sandbox.zstack import Node

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine, Sequence

    from sandbox.slack import Message

PERSON = "alice"
ACCOUNT, PASSWORD = "ops", "sandbox-password"
ON_CALL = {
    "ALERTMANAGER_TOKEN": TOKEN,
    "ALERT_CHANNEL": "C0OPS",
    "ZSTACK_SERVICE_KEY": f"{ACCOUNT}-key:{ACCOUNT}-key-secret",
}
_OUTCOME_SECONDS = 20.0
_CARD_SECONDS = 10.0
_INTERRUPTED = 130
_WRONG_SETTING = 2


class DemoFailedError(Exception):
    """The demo cannot go on, in a sentence."""


@dataclass
class Stage:
    """What the demo runs, and what it can be told to do differently."""

    bot: Sequence[str] = botprocess.SERVE
    console: Console = field(default_factory=Console)
    port: int = 0
    input: int | None = None
    ready_seconds: float = 20.0

    def say(self, sentence: str) -> None:
        """Print plain words, one line, however narrow the terminal."""
        self.console.print(sentence, markup=False, highlight=False, soft_wrap=True)


async def run(stage: Stage) -> int:
    """Play the demo; returns the exit status."""
    with tempfile.TemporaryDirectory(prefix="zstack-demo-") as directory:
        async with _clouds(stage) as (slack, node, alertmanager, settings):
            bot_url = f"http://127.0.0.1:{settings['PORT']}"
            slack.bot_url = bot_url
            settings["DATABASE_URL"] = f"sqlite:///{directory}/bot.sqlite3"
            async with botprocess.running(settings, Path(directory), stage.bot) as bot:
                try:
                    await bot.ready(bot_url, stage.ready_seconds)
                    stage.say(f"Bot:     {bot_url}/")
                    alert = ForgottenIso(node, alertmanager, bot_url)
                    return await _until_it_ends(bot, _play(stage, slack, alert))
                except _FAILURES as error:
                    stage.say(f"The demo failed: {error}")
                    stage.say(f"The bot's last words:\n{bot.last_words}")
                    return 1


_FAILURES = (BotFailedError, LoginFailedError, DemoFailedError, AlertLostError)


@contextlib.asynccontextmanager
async def _clouds(
    stage: Stage,
) -> AsyncIterator[tuple[Slack, Node, Alertmanager, dict[str, str]]]:
    """Start the stand-ins and the console page; yields the settings of the bot too."""
    slack, node, alertmanager = Slack(), Node(job_seconds=1.5), Alertmanager()
    port = stage.port or _free_port()
    async with (
        serve(node.app) as zstack_url,
        serve(alertmanager.app) as alertmanager_url,
        slack.serve() as slack_url,
        serve(build_page(slack)) as console_url,
    ):
        stage.say(f"Console: {console_url}/")
        stage.say(
            f"ZStack:  {zstack_url}/zstack (accounts: admin, {ACCOUNT}; password: {PASSWORD})"
        )
        stage.say(f"Slack:   {slack_url}/ (you are {PERSON}, in #ops)")
        settings = _settings(slack, slack_url, zstack_url, port)
        settings |= ON_CALL | {"ALERTMANAGER_URL": alertmanager_url}
        yield slack, node, alertmanager, settings


def _settings(
    slack: Slack, slack_url: str, zstack_url: str, port: int
) -> dict[str, str]:
    return {
        "SLACK_SIGNING_SECRET": slack.drafts.signing_secret,
        "SLACK_BOT_TOKEN": slack.state.bot_token,
        "SLACK_API_URL": f"{slack_url}/api/",
        "SLACK_RESPONSE_HOSTS": slack_url.removeprefix("http://"),
        "ZSTACK_URL": f"{zstack_url}/zstack",
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "LOG_FORMAT": "console",
    }


async def _until_it_ends(bot: BotProcess, play: Coroutine[None, None, int]) -> int:
    """Play on while the bot lives."""
    playing = asyncio.create_task(play)
    watching = asyncio.create_task(bot.ended())
    try:
        await asyncio.wait({playing, watching}, return_when=asyncio.FIRST_COMPLETED)
        if watching.done():
            await watching
        return await playing
    finally:
        for task in (playing, watching):
            task.cancel()
        await asyncio.gather(playing, watching, return_exceptions=True)


async def _play(stage: Stage, slack: Slack, alert: ForgottenIso) -> int:
    with slack.transcript.watch() as changes:
        screen = Screen(slack, stage.console, PERSON, changes)
        drawing = asyncio.ensure_future(screen.draw_for_ever())
        try:
            said = await login(slack, user=PERSON, account=ACCOUNT, password=PASSWORD)
            await screen.drawn()
            stage.say(f"{PERSON} logs in there as {ACCOUNT}. The page says: {said}")
            outcome = await _detach(stage, slack)
            await screen.drawn()
            async with _alerted(stage, slack, alert):
                await screen.drawn()
                if stage.input is None:
                    return 0 if outcome == "succeeded" else 1
                with Lines(stage.input) as lines:
                    await Prompt(slack, stage.console, screen, PERSON).run(lines)
            return 0
        finally:
            drawing.cancel()
            await asyncio.gather(drawing, return_exceptions=True)


@contextlib.asynccontextmanager
async def _alerted(
    stage: Stage, slack: Slack, alert: ForgottenIso
) -> AsyncIterator[None]:
    """Let the alert come, and end while the block runs when somebody has seen to it."""
    stage.say("Alertmanager tells the bot of a VM with a forgotten ISO.")
    firing = asyncio.create_task(alert.play())
    try:
        await slack.wait(is_card, _CARD_SECONDS)
        stage.say(
            "Its card has a button for it; what comes of it is told below the card."
        )
        yield
    except TimeoutError as error:
        if firing.done():
            await firing  # says why the bot did not take it
        missing = f"no card of the alert: {error}"
        raise DemoFailedError(missing) from error
    finally:
        firing.cancel()
        await asyncio.gather(firing, return_exceptions=True)


async def _detach(stage: Stage, slack: Slack) -> str:
    earlier = set(slack.transcript.all)
    stage.say(f"{PERSON} types /detach-iso web-01 in #ops")
    ack = await slack.command("/detach-iso", "web-01", user=PERSON)
    if not ack.is_ok:
        failed = f"/detach-iso was not acknowledged: {ack.failure}"
        raise DemoFailedError(failed)
    stage.say(f"The bot acknowledges within {ack.seconds * 1000:.0f} ms.")
    try:
        answer = await slack.wait(
            lambda it: it not in earlier and _is_public_outcome(it), _OUTCOME_SECONDS
        )
    except TimeoutError as error:
        missing = f"no outcome of /detach-iso: {error}"
        raise DemoFailedError(missing) from error
    return answer.outcome


def _is_public_outcome(message: Message) -> bool:
    is_ours = message.metadata.get("event_type") == "zstack_operation"
    is_public = message.channel == "C0OPS" and not message.seen_by
    return is_ours and is_public and message.outcome not in UNFINISHED


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


async def until_interrupted(stage: Stage) -> int:
    """Play the demo; Ctrl-C, a hang-up and a kill all end the bot first."""
    playing = asyncio.ensure_future(run(stage))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, playing.cancel)
    try:
        return await playing
    except asyncio.CancelledError:
        return _INTERRUPTED


def main() -> int:
    """Play the demo with the terminal there is."""
    port = os.environ.get("PORT", "0")
    if not port.isdecimal():
        sys.stderr.write(f"PORT: {port!r} is not a port, for example 3000\n")
        return _WRONG_SETTING
    terminal = sys.stdin.fileno() if sys.stdin.isatty() else None
    return asyncio.run(until_interrupted(Stage(port=int(port), input=terminal)))
