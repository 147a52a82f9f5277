"""`python -m bot audit …`: the audit as operators look at it."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import typer

from desk.audit import links, verify
from desk.chain import FIRST, Link
from desk.errors import UserError
from desk.history import span

if TYPE_CHECKING:
    from bot.app import Bot


async def check(bot: Bot, noted: str) -> int:
    """Verify the chain, and that it still holds a row `NUMBER:HASH`; the exit status."""
    found = await verify(bot.desk.store, _noted(noted) if noted else FIRST)
    if found.number:
        typer.echo(f"Row {found.number} of the audit is broken: {found.fault}.")
        return 1
    last = found.last
    typer.echo(f"The audit is whole: {last.number} rows.")
    typer.echo(f"Note its end elsewhere: --noted {last.number}:{last.hash}")
    return 0


def _noted(words: str) -> Link:
    number, _, digest = words.partition(":")
    if not (number.isdecimal() and digest):
        message = f"“{words}” is not NUMBER:HASH, as audit verify prints it."
        raise UserError(message)
    return Link(int(number), 0.0, "", digest)


async def export(bot: Bot, since: str) -> None:
    """Print every row from a moment on as a line of JSON."""
    moment = await _moment(bot, since) if since else 0.0
    try:
        async for link in links(bot.desk.store, since=moment):
            sys.stdout.write(f"{link.line}\n")
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read it has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


async def _moment(bot: Bot, words: str) -> float:
    try:
        found = datetime.fromisoformat(words)
    except ValueError:
        return await bot.desk.store.time() - span(words)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
