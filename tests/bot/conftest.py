"""A clean environment, both stand-ins, and the command line in this process or its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import structlog
from cryptography.fernet import Fernet
from typer.testing import CliRunner

from bot.cli import app
from bot.serving import serve as serve_bot
from bot.settings import Settings, load
from sandbox import botprocess
from sandbox.demo import _free_port, _settings
from sandbox.server import serve
from sandbox.slack import Slack
from sandbox.zstack import Node
from tests.leaks import LEAKS

if TYPE_CHECKING:
    from pathlib import Path

NEEDED = {
    "SLACK_SIGNING_SECRET": "8f742231b10e8888abcd99eee3a285a5",
    "SLACK_BOT_TOKEN": "xoxb-very-secret",
    "ZSTACK_URL": "http://127.0.0.1:8080/zstack",
}


@pytest.fixture(autouse=True)
def _clean(monkeypatch, tmp_path):
    """Nobody's `.env`, and no setting of the shell that runs the tests."""
    for name in os.environ:
        if name.lower() in Settings.model_fields or name == "SECRETS_DIR":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    yield
    structlog.reset_defaults()


@pytest.fixture
def environment(monkeypatch):
    """Set settings on top of what is needed; None takes one away."""

    def change(**settings: str | None) -> None:
        LEAKS.keep_settings(NEEDED | settings)
        for name, value in (NEEDED | settings).items():
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)

    return change


@pytest.fixture
def settings(environment):
    """The settings of an environment."""

    def read(**changes: str | None) -> Settings:
        environment(**changes)
        return load()

    return read


@dataclass
class Cloud:
    """Both stand-ins, and the settings of a bot between them."""

    slack: Slack
    node: Node
    settings: dict[str, str]
    directory: Path

    @property
    def url(self) -> str:
        return self.settings["PUBLIC_URL"]

    async def run(self, *words: str, typed: str = "") -> Any:
        """`python -m bot …` in this process, beside the stand-ins."""
        invoke = CliRunner().invoke
        settings: Any = self.settings
        LEAKS.keep_settings(settings)
        done = await asyncio.to_thread(invoke, app, words, input=typed, env=settings)
        LEAKS.hear(done.output)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    async def shell(self, *words: str, typed: str = "") -> Any:
        """`python -m bot …` as a process of its own: status, output, errors."""
        process = await self.start(*words)
        out, err = await process.communicate(typed.encode())
        return process.returncode, out.decode(), err.decode()

    async def start(
        self,
        *words: str,
        stdin: Any = asyncio.subprocess.PIPE,
        stdout: Any = asyncio.subprocess.PIPE,
        stderr: Any = asyncio.subprocess.PIPE,
    ) -> Any:
        """`python -m bot …` as a process of its own that runs yet."""
        LEAKS.keep_settings(self.settings)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *words),
            cwd=self.directory,
            env=os.environ | {"PYTHONPATH": str(botprocess.ROOT)} | self.settings,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
        )
        LEAKS.overhear(process.stdout)
        LEAKS.overhear(process.stderr)
        return process

    def move(self, database_url: str) -> None:
        """Keep everything in another database, where keys are not made by themselves."""
        self.settings["DATABASE_URL"] = database_url
        self.settings["SECRET_KEYS"] = Fernet.generate_key().decode()

    async def log_in(self) -> Any:
        return await self.run("login", "--account", "ops", typed="sandbox-password\n")


@pytest.fixture
async def cloud(tmp_path):
    slack = Slack()
    node = Node(job_seconds=0.1, web_hook_tries=1, web_hook_interval=0.05)
    async with serve(node.app) as zstack_url, slack.serve() as slack_url:
        settings = _settings(slack, slack_url, zstack_url, _free_port())
        settings["DATABASE_URL"] = f"sqlite:///{tmp_path}/bot.sqlite3"
        slack.bot_url = settings["PUBLIC_URL"]
        yield Cloud(slack, node, settings, tmp_path)
        await node.idle()


@pytest.fixture
async def serving(cloud, environment, ready):
    """The bot serves, in this process; call it to stop it as the platform does."""
    environment(**dict.fromkeys(NEEDED) | cloud.settings)
    task = asyncio.create_task(serve_bot(load()))
    await ready(cloud.url)

    async def stop() -> None:
        if not task.done():
            os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(task, 20)

    yield stop
    with contextlib.suppress(Exception):
        await stop()


@pytest.fixture
def ready():
    """Wait until a bot says that it is ready."""
    return _ready


async def _ready(url: str) -> None:
    async with asyncio.timeout(20), httpx.AsyncClient(trust_env=False) as platform:
        while True:
            with contextlib.suppress(httpx.TransportError):
                if (await platform.get(f"{url}/readyz")).is_success:
                    return
            await asyncio.sleep(0.02)


@pytest.fixture
def written(capsys):
    """What logging and structlog write once they are configured."""
    return lambda: capsys.readouterr().err
