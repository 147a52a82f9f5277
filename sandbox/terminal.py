"""The workspace in a terminal: every edit is drawn, every control has a number."""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import TYPE_CHECKING, Self

from sandbox.console.draw import Drawing
from sandbox.oncall import is_card

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from rich.console import Console

    from sandbox.slack import Edit, Message, Slack
    from sandbox.slack.controls import Control, Option
    from sandbox.slack.transcript import Change

    Changes = asyncio.Queue[Change]

_PATIENCE_SECONDS = 10.0
UNFINISHED = frozenset({"accepted", "running"})


class Screen:
    """Draws what one person sees, as it happens."""

    def __init__(
        self, slack: Slack, console: Console, person: str, changes: Changes
    ) -> None:
        self._slack = slack
        self._console = console
        self._changes = changes
        self._person = slack.workspace.person(person).id
        self._numbered: dict[int, tuple[Message, Control, Option | None]] = {}
        self._last = 0
        self._message: Message | None = None
        self._drawing = Drawing(slack.workspace.names, self._number)

    async def draw_for_ever(self) -> None:
        """Draw each change of each message; cancel to end."""
        while True:
            message, edit = await self._changes.get()
            if message.seen_by in {"", self._person} and not message.deleted:
                self._forget(message)
                self._message = message
                title = self._title(message, edit)
                self._console.print(self._drawing.panel(edit, title))
            self._changes.task_done()

    async def drawn(self) -> None:
        """Wait until everything so far is on the screen."""
        await self._changes.join()

    def control(self, number: int) -> tuple[Message, Control, Option | None] | None:
        """Find what a number stands for."""
        return self._numbered.get(number)

    def _number(self, control: Control, option: Option | None) -> str:
        if self._message is None:
            return ""
        self._last += 1  # never given twice: a late press must not mean something else
        number = self._last
        self._numbered[number] = (self._message, control, option)
        return f"{number} "

    def _forget(self, message: Message) -> None:
        kept = {key: it for key, it in self._numbered.items() if it[0] is not message}
        self._numbered = kept

    def _title(self, message: Message, edit: Edit) -> str:
        channel = self._slack.workspace.channels[message.channel]
        place = "direct message" if channel.with_user else f"#{channel.name}"
        parts = [place, "in a thread" if message.thread_ts else ""]
        parts += ["only visible to you" if message.seen_by else ""]
        number = message.edits.index(edit)
        parts += [f"edit {number}" if number else ""]
        return " · ".join(filter(None, parts))


def _goes_on(message: Message, edit: Edit) -> bool:
    """Whether more comes of what was done: the card of an alert is never all."""
    return edit.outcome in UNFINISHED or is_card(message)


class Lines:
    """Lines typed at a terminal, read without a thread that Ctrl-C would wait for."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._typed: asyncio.Queue[str | None] = asyncio.Queue()
        self._rest = b""

    def __enter__(self) -> Self:
        asyncio.get_running_loop().add_reader(self._descriptor, self._read)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.get_running_loop().remove_reader(self._descriptor)

    async def next(self) -> str | None:
        """Return the next line; None at the end (Ctrl-D)."""
        return await self._typed.get()

    def _read(self) -> None:
        try:
            data = os.read(self._descriptor, 4096)
        except OSError:  # the terminal went away
            data = b""
        if not data:
            asyncio.get_running_loop().remove_reader(self._descriptor)
            self._typed.put_nowait(None)
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._typed.put_nowait(line.decode(errors="replace").strip())


class Prompt:
    """Takes commands and numbers until `quit`."""

    def __init__(
        self, slack: Slack, console: Console, screen: Screen, person: str
    ) -> None:
        self._slack = slack
        self._console = console
        self._screen = screen
        self._person = person

    async def run(self, lines: Lines) -> None:
        """Ask and act, again and again."""
        self._console.print(
            "Type a slash command (/detach-iso twin, /zstack help), the number of a"
            " button or a choice, or quit."
        )
        while True:
            self._console.print("> ", end="")
            line = await lines.next()
            if line is None or line in {"quit", "exit"}:
                return
            if line:
                await self._take(line)

    async def _take(self, line: str) -> None:
        if line.startswith("/"):
            await self._settled(self._type(line))
        elif line.isdecimal():
            await self._press(int(line))
        else:
            self._say(
                f"{line!r} is neither a slash command nor a number shown above. "
                "/zstack help lists what can be said."
            )

    async def _type(self, line: str) -> None:
        command, _, text = line.partition(" ")
        await self._slack.command(command, text.strip(), user=self._person)

    async def _press(self, number: int) -> None:
        found = self._screen.control(number)
        if found is None:
            self._say(f"Nothing above has the number {number}.")
            return
        message, control, option = found
        if control.url:
            self._say(f"Open {control.url} in a browser.")
        await self._settled(self._click(message, control, option))

    async def _click(
        self, message: Message, control: Control, option: Option | None
    ) -> None:
        await self._slack.click(message, control, option, user=self._person)

    async def _settled(self, action: Awaitable[None]) -> None:
        """Act, and wait until something has an end or asks a question."""
        with self._slack.transcript.watch() as changes:
            await action
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE_SECONDS):
                    while _goes_on(*await changes.get()):
                        pass
        await self._screen.drawn()

    def _say(self, sentence: str) -> None:
        self._console.print(sentence, markup=False, highlight=False)
