"""Both stand-ins, which survive, and the bot between them, which does not."""

import asyncio
import contextlib
from dataclasses import dataclass, field

import httpx
import pytest
from cryptography.fernet import Fernet

from sandbox.botprocess import BotFailedError
from sandbox.demo import _settings
from sandbox.login import LoginFailedError, login
from sandbox.slack import Slack
from sandbox.zstack import Node
from tests.crash.books import Books
from tests.crash.clouds import Door, Place, at_once, free_port
from tests.crash.dying import LAST_WORDS
from tests.leaks import LEAKS

POLICY = """
steps:
  service_key:
    - {name: attach, what: {commands: [iso attach]}}
"""
KEY = Fernet.generate_key().decode()


@dataclass
class World:
    """A Slack, a ZStack, a database, and bots that are started and killed at will."""

    slack: Slack
    node: Node
    zstack: Place
    books: Books
    settings: dict
    ports: list
    directory: object
    nursery: object
    bots: list = field(default_factory=list)

    @property
    def bot(self):
        """The bot that was started last."""
        return self.bots[-1]

    async def bear(self, death=None, *, replica=0):
        """Start a bot, which with `death` will kill itself; it is not ready yet."""
        settings = self.settings | {"PORT": str(self.ports[replica])}
        LEAKS.keep_settings(settings)
        self.bots.append(await self.nursery.bear(settings, self.directory, death))

    async def start(self, death=None, *, replica=0):
        """Start a bot and wait until it is ready, or has killed itself already."""
        await self.bear(death, replica=replica)
        try:
            await self.bot.ready(f"http://127.0.0.1:{self.ports[replica]}")
        except BotFailedError as error:
            if LAST_WORDS not in self.bot.last_words:
                pytest.fail(f"{error}\n{self.bot.last_words}")

    async def died(self, within=20.0):
        """Wait until the bot has killed itself as ordered."""
        try:
            async with asyncio.timeout(within):
                await self.bot.died()
        except TimeoutError:
            pytest.fail(await self.report("it did not die"))
        assert LAST_WORDS in self.bot.last_words, self.bot.last_words

    async def log_in(self, user="alice", account="ops"):
        """Fill in the page; whether the bot lived to say that it worked."""
        password = "sandbox-password"
        try:
            await login(self.slack, user=user, account=account, password=password)
        except (LoginFailedError, httpx.TransportError):
            return False
        return True

    async def type(self, line, user="alice"):
        """Type a command; how it was acknowledged."""
        command, _, text = line.partition(" ")
        return await self.slack.command(command, text, user=user)

    async def press(self, name, user="alice"):
        """Press the button, or choose the line, of the newest message that has it."""
        message = await self.slack.wait(lambda it: bool(_control(it, name)), 10)
        return await self.slack.click(message, *_control(message, name), user=user)

    async def press_again(self, name, user="alice"):
        """Press what is still there."""
        if any(_control(it, name) for it in self.slack.messages()):
            await self.press(name, user)

    async def settled(self, within=30.0, later=()):
        """Wait until every command has ended and everything is said.

        When nothing has gone on for `within` seconds, what waits finds, after a kill, that
        so much time has passed.
        """
        for seconds in later:
            if await self._is_quiet(within):
                return
            await self.bot.kill()
            await self.books.age(seconds)
            await self.start()
        if not await self._is_quiet(within):
            pytest.fail(await self.report("it did not settle"))

    async def ended(self, ids, within):
        """Wait until these commands have ended."""
        try:
            async with asyncio.timeout(within):
                while not await self.books.have_ended(ids):  # noqa: ASYNC110  # another process acts
                    await asyncio.sleep(0.05)
        except TimeoutError:
            pytest.fail(await self.report(f"not ended within {within:.0f} s"))

    async def struck(self, bot):
        """Wait until a bot has struck itself down as ordered."""
        async with asyncio.timeout(20):
            while LAST_WORDS not in bot.last_words:  # noqa: ASYNC110  # another process acts
                await asyncio.sleep(0.01)

    async def _is_quiet(self, within):
        """Whether all is done and said; nothing may have become less for `within` seconds."""
        least = await self.books.left()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within) as patience:
                while left := await self.books.left():
                    if left < least:
                        least = left
                        patience.reschedule(asyncio.get_running_loop().time() + within)
                    await asyncio.sleep(0.02)
                return True
        return False

    async def end(self):
        """Kill every bot, and cut ZStack short."""
        for bot in self.bots:
            await bot.kill()
        self.node.restart()

    async def report(self, fault):
        """A fault with all that is known."""
        rows = "\n".join(
            f"  {it.id} {it.words} {it.step} {it.outcome}"
            for it in await self.books.entries()
        )
        said = "\n".join(
            f"  {it.channel} {it.seen_by} {it.outcome} {it.text.splitlines()[:1]}"
            for it in self.slack.messages()
        )
        done = "\n".join(f"  {it}" for it in self.node.log.executed)
        words = self.bot.last_words
        return f"{fault}\nledger:\n{rows}\nZStack did:\n{done}\nSlack:\n{said}\n{words}"


@contextlib.asynccontextmanager
async def made(
    directory,
    nursery,
    database_url,
    *,
    books_url="",
    replicas=1,
    answers_at_once=False,
    **node,
):
    """Make a world whose bots are not started yet."""
    slack = Slack()
    node = Node(**node)
    zstack = Place(at_once(node) if answers_at_once else node.app)
    ports = [free_port() for _ in range(replicas)]
    async with slack.serve() as slack_url, contextlib.AsyncExitStack() as stack:
        await zstack.come_back()
        stack.push_async_callback(zstack.leave)
        door = await stack.enter_async_context(Door(ports).serve())
        settings = _settings(slack, slack_url, zstack.url, ports[0])
        settings |= {
            "DATABASE_URL": database_url,
            "SECRET_KEYS": KEY,
            "LOG_FORMAT": "json",
            "PUBLIC_URL": door.url,
            "POLICY_FILE": str(directory / "policy.yaml"),
            "ZSTACK_SERVICE_KEY": "ops-key:ops-key-secret",
        }
        (directory / "policy.yaml").write_text(POLICY)
        slack.bot_url = door.url
        books = Books(books_url or database_url, KEY)
        stack.push_async_callback(books.close)
        world = World(slack, node, zstack, books, settings, ports, directory, nursery)
        stack.push_async_callback(world.end)
        yield world


def _control(message, name):
    """What is called so in a message: a line of a menu, or a button by what it says."""
    for control in message.controls:
        if control.option(name):
            return control, control.option(name)
        if (
            control.answers_to(name)
            or control.element.get("accessibility_label") == name
        ):
            return (control,)
    return ()
