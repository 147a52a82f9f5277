"""Where messages are played for pictures: both clouds, the real bot, and how it is drawn."""

from __future__ import annotations

import asyncio
import contextlib
import io
import re
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group
from rich.text import Text

from sandbox import botprocess
from sandbox.alertmanager import Alertmanager
from sandbox.console.draw import Drawing
from sandbox.demo import ON_CALL, PERSON, _free_port, _settings
from sandbox.server import serve
from sandbox.slack import Slack
from sandbox.zstack import Node

if TYPE_CHECKING:
    from collections.abc import (
        AsyncIterator,
        Awaitable,
        Callable,
        Iterator,
        Sequence,
    )

    from sandbox.slack import Edit, Message

CHROMIUM = Path("/usr/bin/chromium")
DIRECTORY = botprocess.ROOT / "docs" / "pictures"
WIDTH = 88
PATIENCE = 20.0
_QUIET = 0.4  # seconds without a change after which nothing more comes
# What differs from one run to the next, and what stands in its place: as long as it.
_VOLATILE = (
    (r"(/login/)[\w-]+", r"\1…"),
    (r"127\.0\.0\.1:\d+", "127.0.0.1:8080"),
    (r"\b20\d\d-\d\d-\d\d \d\d:\d\d:\d\d(?! UTC)", "2026-01-05 09:30:00"),
    (r"Until \d\d:\d\d UTC", "Until 09:45 UTC"),
    (r"\bWx0SANDBOX\d+", "Wx0SANDBOX0001"),
    (r"(cancel )[a-z2-9]{10}\b", r"\1k7m2p9x4qa"),
    (
        r"(since|resolved) 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC",
        r"\1 2026-01-05 09:30:00 UTC",
    ),
    (r"seen at \d\d:\d\d:\d\d UTC", "seen at 09:30:00 UTC"),
    (r"took \d+(\.\d)? s", "took 1.6 s"),
)
_ID = re.compile(r"(?<=· )[a-z2-9]{10}$|^[a-z2-9]{10}$", re.MULTILINE)
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
    *("--hide-scrollbars", "--window-size=560,640"),
)
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_OWN_FONT = "ui-monospace, Menlo, Consolas, monospace"


@dataclass
class Stage:
    """Both clouds, the bot in between, and the pictures taken so far."""

    slack: Slack
    node: Node
    alertmanager: Alertmanager = field(default_factory=Alertmanager)
    directory: Path = DIRECTORY
    pictures: dict[str, str] = field(default_factory=dict)

    async def play(
        self, action: Awaitable[object], ends: Callable[[Edit], bool]
    ) -> list[Message]:
        """Act, wait until a message ends as wanted, then until all is quiet."""
        earlier = set(self.slack.transcript.all)
        with self.slack.transcript.watch() as changes:
            await action
            async with asyncio.timeout(PATIENCE):
                while not ends((await changes.get())[1]):
                    pass
            with contextlib.suppress(TimeoutError):
                while True:
                    await asyncio.wait_for(changes.get(), _QUIET)
        return [it for it in self.slack.transcript.all if it not in earlier]

    async def type(
        self, line: str, ends: Callable[[Edit], bool], user: str = PERSON
    ) -> list[Message]:
        """Type a slash command in #ops."""
        command, _, text = line.partition(" ")
        return await self.play(self.slack.command(command, text, user=user), ends)

    def draw(self, name: str, typed: str, edits: Sequence[tuple[str, Edit]]) -> None:
        """Draw what somebody did and what they saw then."""
        drawing = Drawing(self.slack.workspace.names)
        panels = [drawing.panel(_steady(edit), title) for title, edit in edits]
        self.pictures[name] = svg(name, Group(Text(typed, "italic dim"), *panels))

    def shown(self, message: Message) -> Iterator[tuple[str, Edit]]:
        """Every edit of a message, with where it stands."""
        channel = self.slack.workspace.channels[message.channel]
        place = "direct message" if channel.with_user else f"#{channel.name}"
        place += " · in a thread" if message.thread_ts else ""
        place += " · only visible to you" if message.seen_by else ""
        for number, edit in enumerate(message.edits):
            yield place + (f" · edit {number}" if number else ""), edit


def svg(name: str, drawn: Any) -> str:
    """Draw as an SVG that is the same every time, and fetches no font."""
    console = Console(width=WIDTH, record=True, file=io.StringIO(), color_system=None)
    console.print(drawn)
    picture = console.export_svg(title="", unique_id=name)
    plain = _FONTS.sub("", picture).replace("Fira Code, monospace", _OWN_FONT)
    return "\n".join(line.rstrip() for line in plain.splitlines()) + "\n"


def _steady(edit: Edit) -> Edit:
    return replace(edit, text=_blank(edit.text), blocks=_blank(edit.blocks))


def _blank(value: Any) -> Any:
    """Take out what is another at every run, wherever it stands in `value`."""
    if isinstance(value, dict):
        return {key: _blank(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(map(_blank, value))
    if not isinstance(value, str):
        return value
    for found, instead in _VOLATILE:
        value = re.sub(found, instead, value)
    return _ID.sub("command-id", value)


def has_chromium() -> bool:
    """Whether there is a browser to photograph pages with."""
    return CHROMIUM.exists()


async def photograph(url: str, file: Path) -> None:
    """Take a picture of a page with Chromium, when it is there."""
    if not has_chromium():
        return
    with tempfile.TemporaryDirectory(prefix="zstack-chromium-") as profile:
        process = await asyncio.create_subprocess_exec(
            *(str(CHROMIUM), *_FLAGS, f"--user-data-dir={profile}"),
            *(f"--screenshot={file}", url),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        await asyncio.wait_for(process.wait(), PATIENCE)


@contextlib.asynccontextmanager
async def staged(directory: Path = DIRECTORY, **more: str) -> AsyncIterator[Stage]:
    """Run both clouds and the bot, with `more` settings, while the block runs."""
    slack, node = Slack(), Node(job_seconds=0.6, language="en")
    alertmanager = Alertmanager()
    port = _free_port()
    slack.bot_url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="zstack-pictures-") as home:
        async with (
            serve(node.app) as zstack_url,
            serve(alertmanager.app) as alertmanager_url,
            slack.serve() as slack_url,
        ):
            settings = _settings(slack, slack_url, zstack_url, port) | ON_CALL
            settings |= {
                "ALERTMANAGER_URL": alertmanager_url,
                "DATABASE_URL": f"sqlite:///{home}/bot.sqlite3",
                "JOB_MARGIN": "0",
            } | more
            async with botprocess.running(settings, Path(home)) as bot:
                await bot.ready(slack.bot_url)
                yield Stage(slack, node, alertmanager, directory)
