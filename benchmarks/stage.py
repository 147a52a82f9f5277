"""Both stand-ins, and between them the bot as a process of its own, as it is run."""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.fernet import Fernet

from sandbox import botprocess
from sandbox.demo import _free_port, _settings
from sandbox.login import login
from sandbox.server import serve
from sandbox.slack import Slack
from sandbox.slack.workspace import Channel
from sandbox.zstack import Node
from sandbox.zstack.population import VmSpec

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from sandbox.botprocess import BotProcess
    from sandbox.slack import Message
    from sandbox.zstack.jobs import Job
    from sandbox.zstack.records import Vm

DATABASES = ("sqlite", "postgresql")
ISO = "debian-12.iso"
ACCOUNT, PASSWORD = "ops", "sandbox-password"
_PERSON = "alice"
_UNFINISHED = {"", "accepted", "running"}
_A_CHANNEL = 2  # VMs; Slack takes a post a second in each channel


@dataclass
class Stage:
    """What a benchmark plays on."""

    slack: Slack
    node: Node
    zstack_url: str
    bot: BotProcess

    def add_vms(self, name: str, count: int) -> list[Vm]:
        """Put more VMs into the cloud, with empty drives, and channels to talk of them."""
        vms = [
            self.node.world.add(VmSpec(f"{name}-{number:04}", nics=0))
            for number in range(count)
        ]
        for vm in vms:
            place = self.channel(vm)
            made = Channel(place, place.lower(), members={"U0ALICE", "U0ZSTACKBOT"})
            self.slack.workspace.channels.setdefault(place, made)
        return vms

    def channel(self, vm: Vm) -> str:
        """Where people talk about a VM."""
        return f"C0BENCH{vm.internal_id // _A_CHANNEL}"

    async def command(self, vm: Vm) -> None:
        """Have alice type what changes the drive of a VM: attach and detach in turns."""
        verb, words = _next_action(vm)
        ack = await self.slack.command(
            f"/{verb}-iso", words, user=_PERSON, channel=self.channel(vm)
        )
        if not ack.is_ok or ack.body:
            said = ack.failure or ack.body
            message = f"{verb} {vm.name}: {said}\n{self.bot.last_words}"
            raise RuntimeError(message)

    async def answer(self, vm: Vm) -> float:
        """Run a command on a VM; the moment at which its outcome was visible."""
        earlier = set(self.slack.messages())

        def is_it(message: Message) -> bool:
            payload = message.metadata.get("event_payload", {})
            is_new = message not in earlier and payload.get("resource_uuid") == vm.uuid
            return is_new and message.outcome not in _UNFINISHED

        await self.command(vm)
        message = await self.slack.wait(is_it, within=60)
        return next(it.at for it in message.edits if it.outcome not in _UNFINISHED)

    def job(self, vm: Vm) -> Job:
        """The last job that ended on a VM."""
        return self.node.jobs.rows[self.node.log.actions(vm=vm.uuid)[-1].job_uuid]


def _next_action(vm: Vm) -> tuple[str, str]:
    if vm.iso_uuids:
        return "detach", vm.name
    return "attach", f"{vm.name} {ISO}"


@contextlib.asynccontextmanager
async def staged(database: str, **settings: str) -> AsyncIterator[Stage]:
    """Start everything and log alice in; `settings` are those of the bot."""
    slack, node = Slack(), Node(web_hook_interval=0.2)
    port = _free_port()
    slack.bot_url = f"http://127.0.0.1:{port}"
    with (
        tempfile.TemporaryDirectory(prefix="bench-") as directory,
        _url(database, directory) as url,
    ):
        async with serve(node.app) as zstack_url, slack.serve() as slack_url:
            known = _settings(slack, slack_url, zstack_url, port) | {
                "DATABASE_URL": url,
                "SECRET_KEYS": Fernet.generate_key().decode(),
                "LOG_FORMAT": "json",
                "RATE_LIMIT": "999999/min",  # one person types for a whole company
            }
            async with botprocess.running(known | settings, Path(directory)) as bot:
                await bot.ready(slack.bot_url)
                await login(slack, user=_PERSON, account=ACCOUNT, password=PASSWORD)
                yield Stage(slack, node, f"{zstack_url}/zstack/v1", bot)


@contextlib.contextmanager
def _url(database: str, directory: str) -> Iterator[str]:
    """The DATABASE_URL of a new SQLite file, or of a new PostgreSQL."""
    if database == "sqlite":
        yield f"sqlite:///{directory}/bot.sqlite3"
        return
    from tests.postgres import running  # noqa: PLC0415  # of the tests' requirements

    with running() as server, server.database() as name:
        yield server.url(name)
