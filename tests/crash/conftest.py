"""Real processes of the bot between both stand-ins, which survive its death."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from sandbox import botprocess
from sandbox.demo import _free_port, _settings
from sandbox.login import login
from sandbox.server import serve
from sandbox.slack import Slack
from sandbox.zstack import Node

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

UNFINISHED = {"accepted", "running"}


@dataclass
class World:
    """Both stand-ins, and the bot, which is started and killed at will."""

    slack: Slack
    node: Node
    settings: dict[str, str]
    directory: Path
    url: str
    process: Any = None
    stack: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)

    async def start(self) -> Any:
        """Start the bot and wait until it is ready; its process."""
        running = botprocess.running(self.settings, self.directory)
        self.process = await self.stack.enter_async_context(running)
        try:
            await self.process.ready(self.url)
        except botprocess.BotFailedError:
            pytest.fail(self.process.last_words)
        return self.process

    async def kill(self) -> None:
        """Kill -9, and wait until it is dead."""
        os.kill(self.process.pid, signal.SIGKILL)
        await self.process._process.wait()

    async def log_in(self, user: str = "alice") -> None:
        await login(self.slack, user=user, account="ops", password="password")

    async def detach(self, vm: str, user: str = "alice") -> Any:
        """Type the command; how it was acknowledged."""
        return await self.slack.command("/detach-iso", vm, user=user)

    async def said(self, outcome: str, vm: str = "") -> Any:
        """The public message that tells this outcome, waited for through a restart."""
        return await self.slack.wait(
            lambda it: it.outcome == outcome and not it.seen_by and vm in it.text,
            within=20,
        )

    def public(self) -> list[Any]:
        """The messages in #ops that carry an outcome."""
        found = self.slack.messages("ops")
        return [it for it in found if it.outcome and not it.seen_by]

    def actions(self, vm: str) -> list[Any]:
        """What ZStack really did to a VM."""
        return self.node.log.actions(vm=self.node.world.vm(vm).uuid)

    async def sent(self, vm: str) -> None:
        """Wait until ZStack has been asked for the action on a VM."""
        uuid = self.node.world.vm(vm).uuid
        await until(
            lambda: any(
                it.method == "DELETE" and uuid in it.path
                for it in self.node.log.received
            )
        )

    async def settled(self) -> None:
        """Wait until every command with a public message has one that is final."""
        await until(lambda: self._told(UNFINISHED) <= self._told())

    def _told(self, outcomes: set[str] | None = None) -> set[str]:
        """The commands with a message of these outcomes, or of a final one."""
        return {
            it.metadata["event_payload"]["command_id"]
            for it in self.public()
            if (it.outcome in outcomes if outcomes else it.outcome not in UNFINISHED)
        }

    async def noted(self) -> None:
        """Wait until the bot has noted where it posted its last answer.

        Killed before, it posts again: Slack has no way to post exactly once.
        """
        query = "SELECT receipt FROM message WHERE slot = 'answer' AND told = version"
        with contextlib.closing(self._ledger()) as ledger:
            await until(lambda: ledger.execute(query).fetchone())

    def outcomes(self) -> list[str]:
        """The outcomes of all rows but the log-in's."""
        query = "SELECT outcome FROM command WHERE operation != 'login'"
        with contextlib.closing(self._ledger()) as ledger:
            return [outcome for (outcome,) in ledger.execute(query)]

    def _ledger(self) -> sqlite3.Connection:
        return sqlite3.connect(self.directory / "bot.sqlite3")


async def until(is_so: Any, within: float = 20.0) -> None:
    """Wait for something of the stand-ins that has no event of its own."""
    async with asyncio.timeout(within):
        while not is_so():  # noqa: ASYNC110  # what acts is another process
            await asyncio.sleep(0.01)


@pytest.fixture
def job_seconds():
    return 0.6


@pytest.fixture
async def world(tmp_path, job_seconds) -> AsyncIterator[World]:
    """Both stand-ins on real sockets; the bot is not started yet."""
    slack = Slack()
    node = Node(job_seconds=job_seconds, web_hook_tries=2, web_hook_interval=0.2)
    port = _free_port()
    async with serve(node.app) as zstack_url, slack.serve() as slack_url:
        settings = _settings(slack, slack_url, zstack_url, port)
        settings["DATABASE_URL"] = f"sqlite:///{tmp_path}/bot.sqlite3"
        settings["LOG_FORMAT"] = "json"
        slack.bot_url = f"http://127.0.0.1:{port}"
        made = World(slack, node, settings, tmp_path, slack.bot_url)
        async with made.stack:
            yield made
        await node.idle()


@pytest.fixture
async def bot(world):
    """The world with a bot that runs and knows alice."""
    await world.start()
    await world.log_in()
    return world
