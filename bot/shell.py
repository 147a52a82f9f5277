"""The shell as an edge: the same grammar, policy and ledger, told on a terminal."""

from __future__ import annotations

import asyncio
import getpass
import os
import pwd
import re
import sys
import threading
from typing import TYPE_CHECKING
from uuid import uuid4

from rich.text import Text

from bot.app import AnotherRuns, Bot, only_runner, take_over
from bot.drawing import console, draw
from desk import audit
from desk.credentials import sign_on
from desk.given import fault_of, fields_of, go_on
from desk.login import let_go_on
from desk.notice import Notice, Outcome
from desk.offers import click
from desk.person import SHELL, Person
from desk.request import Request
from handlers.grammar import Help, parse

if TYPE_CHECKING:
    from desk.command import Command
    from desk.credentials import Credentials
    from desk.notice import Choice

EXIT = {
    Outcome.SUCCEEDED: 0,
    Outcome.UNCHANGED: 0,
    Outcome.FAILED: 1,
    Outcome.REFUSED: 3,
    Outcome.EXPIRED: 3,
    Outcome.UNKNOWN: 4,
}
SLASH = re.compile(r"^\s*(?:/?zstack\s+|/)")  # as people type it in Slack
_LOOK = 0.1  # seconds between two looks at a row that another process carries out


def me() -> Person:
    """The person at this shell, as the system knows them: LOGNAME says what one likes."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container may run under a number without a name
        name = f"uid {os.getuid()}"
    return Person(enterprise="", team=SHELL, user=name)


async def run(bot: Bot, line: str) -> int:
    """Run one command and tell how it went; the exit status of the contract.

    Carried out here only when no other process does it.
    """
    bot.policy.must_be_right()
    words = parse(SLASH.sub("", line))
    if isinstance(words, Help):
        console.print(Text(words.text))
        return 0
    request = Request(
        key=f"shell:{uuid4().hex}",
        operation=words.operation,
        arguments=words.arguments,
        reason=words.reason,
        breaks_glass=words.breaks_glass,
        cloud=words.cloud,
        words=line,
        person=me(),
        place={"kind": "shell"},
    )
    row, _ = await bot.desk.ledger.accept(request)
    console.print(Text(f"{row.id}  {line}"))
    try:
        return await _see_through(bot, row)
    except asyncio.CancelledError:  # Ctrl-C
        console.print(Text(_left(await bot.desk.ledger.by_id(row.id))))
        raise


async def _see_through(bot: Bot, row: Command) -> int:
    try:
        with only_runner(bot.settings):
            return await _carry_out(bot, row)
    except AnotherRuns:
        return await _watch(bot, row)


def _left(row: Command) -> str:
    """Say what becomes of a command that nobody watches any more."""
    if row.outcome.is_final:
        return f"{row.id} has ended: {row.outcome}."
    if row.question:
        return f"{row.id} waits for an answer, and expires. Type it anew to give one."
    goes_on = "with the bot that runs, or with the next start"
    look = "Look at it with: python -m bot history."
    if row.sent_at:
        return f"{row.id} was sent to ZStack. It is followed {goes_on}. {look}"
    undo = f'Take it back with: python -m bot run "cancel {row.id}".'
    return f"{row.id} was not sent yet. It goes on {goes_on}. {look} {undo}"


async def _carry_out(bot: Bot, row: Command) -> int:
    await take_over(bot)
    work = [
        asyncio.create_task(bot.runner.run()),
        asyncio.create_task(bot.postman.run()),
    ]
    try:
        return await _watch(bot, row)
    finally:
        bot.runner.stop()
        bot.postman.stop()
        await asyncio.gather(*work)


async def _watch(bot: Bot, row: Command) -> int:
    """Print what is told of `row` as it comes, until it ends or asks."""
    said: set[str] = set()
    while True:
        row = await bot.desk.ledger.by_id(row.id)
        notices = [notice for notice, _ in await bot.desk.outbox.notices(row.id)]
        for notice in notices:
            if not notice.link and _fingerprint(notice) not in said:
                said.add(_fingerprint(notice))
                draw(notice)
        if row.outcome.is_final:
            return EXIT[row.outcome]
        if row.question == "secret":
            await _give(bot, row)
        elif row.step == "login.1":
            console.print("Log in with: python -m bot login. Then this goes on.")
            return EXIT[Outcome.REFUSED]
        if row.step == "ask.1" and not await _answered(bot, notices):
            await bot.desk.ledger.cancel(row)
        await asyncio.sleep(_LOOK)


async def _give(bot: Bot, row: Command) -> None:
    """Take the secrets of a command on a terminal, without showing them."""
    if not sys.stdin.isatty():
        console.print("This asks for a secret: run it on a terminal.")
        await bot.desk.ledger.cancel(row)
        return
    given = {
        name: await asyncio.to_thread(getpass.getpass, f"{label}: ")
        for name, label in fields_of(row).items()
    }
    if fault := fault_of(row, given):
        console.print(Text(fault))
        return
    await go_on(bot.desk, row, given)


def _fingerprint(notice: Notice) -> str:
    return notice.model_dump_json()


async def _answered(bot: Bot, notices: list[Notice]) -> bool:
    """Let the person answer on a terminal; elsewhere nobody can."""
    if not sys.stdin.isatty():
        console.print("This asks something: answer it on a terminal.")
        return False
    question = next(one for one in reversed(notices) if one.choices)
    try:
        if question.field:
            return await _written(bot, question)
        return await _chosen(bot, question.choices)
    except EOFError:
        return False


async def _written(bot: Bot, question: Notice) -> bool:
    text = await _typed(f"{question.field}: ")
    if text.strip():
        await _press(bot, question.choices[0], text)
    return bool(text.strip())


async def _chosen(bot: Bot, choices: tuple[Choice, ...]) -> bool:
    answer = await _typed("Your choice (number): ")
    if not answer.strip().isdecimal() or not 1 <= int(answer) <= len(choices):
        console.print(f"A number from 1 to {len(choices)}, please.")
        return True
    await _press(bot, choices[int(answer) - 1])
    return True


async def _typed(prompt: str) -> str:
    """Ask on the terminal; Ctrl-C does not wait for an answer, as a pool's thread would."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[str] = loop.create_future()

    def ask() -> None:
        try:
            typed = input(prompt)
        except EOFError as error:
            loop.call_soon_threadsafe(answer.set_exception, error)
        else:
            loop.call_soon_threadsafe(answer.set_result, typed)

    threading.Thread(target=ask, daemon=True).start()
    return await answer


async def _press(bot: Bot, choice: Choice, text: str = "") -> None:
    await click(
        bot.desk,
        choice.offer,
        person=me(),
        place={"kind": "shell"},
        trigger=uuid4().hex,
        text=text,
    )


async def log_in(bot: Bot, credentials: Credentials, cloud: str) -> str:
    """Log the shell person in at a ZStack, the first one without a name.

    Returns the account's name.
    """
    cloud = cloud or bot.desk.meant_by("")
    desk = bot.desk.at(cloud)
    held = await sign_on(desk.cloud, me(), credentials)
    await desk.sessions.keep(held, audit.connected(me(), cloud, held))
    await let_go_on(desk, me(), cloud=cloud)
    return held.account_name
