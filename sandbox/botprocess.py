"""The bot as a process of its own, with its last words kept."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import httpx

from sandbox.witness import said

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

ROOT = Path(__file__).resolve().parent.parent
SERVE = (sys.executable, "-m", "bot", "serve")
_READY_SECONDS = 20.0
_GRACE_SECONDS = 5.0
_LAST_LINES = 20
_LINE = 1 << 20  # bytes; a traceback in JSON is one line
# Nothing else of the shell's environment reaches the bot: it may hold real secrets.
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TERM", "SYSTEMROOT")


class BotFailedError(Exception):
    """The bot ended, or did not get ready in time."""


class Process(Protocol):
    """What is needed of a process, whoever started it."""

    stdout: asyncio.StreamReader | None

    @property
    def pid(self) -> int:
        """Its process id."""
        ...

    @property
    def returncode(self) -> int | None:
        """How it ended; None while it lives."""
        ...

    async def wait(self) -> int:
        """Wait for its end."""
        ...

    def send_signal(self, signal: int) -> None:
        """Send a signal; raises ProcessLookupError when it has ended."""
        ...


class BotProcess:
    """A running bot and the end of its output."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._reading = asyncio.create_task(self._read())

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def last_words(self) -> str:
        """The last lines it printed."""
        return "\n".join(self._lines) or "(it printed nothing)"

    async def ready(self, url: str, within: float = _READY_SECONDS) -> None:
        """Wait until it says it is ready; raises when it ends or takes too long."""
        try:
            async with (
                asyncio.timeout(within),
                # Reading the authorities takes longer than some bots to start.
                httpx.AsyncClient(trust_env=False, verify=False) as client,  # noqa: S501  # loopback
            ):
                while not await _answers(client, f"{url}/readyz"):
                    if self._process.returncode is not None:
                        await self._reading
                        ended = f"it ended with status {self._process.returncode}"
                        raise BotFailedError(ended)
                    await asyncio.sleep(0.02)
        except TimeoutError:
            late = f"it was not ready within {within:.0f} s"
            raise BotFailedError(late) from None

    async def died(self) -> int:
        """Wait for its end, whoever brought it about; the exit status."""
        status = await self._process.wait()
        await self._reading
        return status

    async def ended(self) -> None:
        """Wait until it ends by itself, and raise: nobody asked it to."""
        ended = f"it ended with status {await self.died()}"
        raise BotFailedError(ended)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, if it still lives."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)

    async def kill(self) -> None:
        """Kill -9, and wait until it is dead."""
        self.send(signal.SIGKILL)
        await self.died()

    async def stop(self) -> None:
        """Ask it to end, then make it."""
        self.send(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), _GRACE_SECONDS)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        await self.died()

    async def _read(self) -> None:
        output = self._process.stdout
        if output is None:
            return
        async for line in output:
            said(line)
            self._lines.append(line.decode(errors="replace").rstrip())


def surroundings(settings: dict[str, str]) -> dict[str, str]:
    """The whole environment of a bot with these settings."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"} | settings


async def started(
    settings: dict[str, str], directory: Path, command: Sequence[str] = SERVE
) -> BotProcess:
    """Start the bot, in a directory without anyone's `.env`."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=directory,
        env=surroundings(settings),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,  # Ctrl-C is for the demo, which then stops the bot
        limit=_LINE,
    )
    return BotProcess(process)


@contextlib.asynccontextmanager
async def running(
    settings: dict[str, str], directory: Path, command: Sequence[str] = SERVE
) -> AsyncIterator[BotProcess]:
    """Run the bot while the block runs."""
    bot = await started(settings, directory, command)
    try:
        yield bot
    finally:
        await bot.stop()


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url)).is_success
    except httpx.TransportError:
        return False
