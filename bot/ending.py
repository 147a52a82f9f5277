"""How a command of the shell ends: a status, and a sentence instead of a traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import structlog
import typer
import uvloop
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError

from api.errors import Rejected, ZStackError
from bot import logs
from bot.app import AnotherRuns, Bot, assemble
from bot.doctor import why
from bot.settings import Settings, SettingsFault, load
from desk.advice import advice
from desk.errors import NotConfirmed, StoreUnavailable, UserError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine
    from pathlib import Path

Result = TypeVar("Result")

WRONG = 2  # words or settings
_INTERRUPTED = 130  # what shells give to whoever ended by Ctrl-C


def read_settings(*, is_quiet: bool = True) -> Settings:
    """Read the settings and set up the log; faults end the program."""
    try:
        settings = load()
    except SettingsFault as fault:
        fail(str(fault), WRONG)
    logs.configure(settings, is_quiet=is_quiet)
    return settings


def with_bot(
    work: Callable[[Bot], Awaitable[Result]], *, migrates: bool = True
) -> Result:
    """Build the bot for one job, and end as it ends."""
    settings = read_settings()

    async def inside() -> Result:
        async with assemble(settings, migrates=migrates) as bot:
            return await work(bot)

    return finish(inside())


def finish(work: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end; what a person can mend is one sentence, not a traceback."""
    try:
        return uvloop.run(work)
    except KeyboardInterrupt:
        leave(_INTERRUPTED)
    except (UserError, AnotherRuns, SettingsFault) as error:
        fail(str(error), WRONG)
    except Rejected as error:
        said = error.error.root.description or "ZStack refused it"
        fail(f"{said} ({error}). {advice(error.error)}", 1)
    except ZStackError as error:
        fail(str(error), 1)
    except CommandError:
        fail("The database was made by a newer version of the bot. Start that.", 1)
    except NotConfirmed:
        history = "python -m bot history"
        fail(f"The database did not confirm it. Look first: {history}", 1)
    except (DBAPIError, StoreUnavailable) as error:
        fail(f"The database does not answer: {why(error)}. Check DATABASE_URL.", 1)
    except OSError as error:
        fail(f"Cannot start: {error}", 1)


def body_of(file: Path) -> bytes:
    """Read a file that was named; what cannot be read ends the program with a sentence."""
    try:
        return file.read_bytes()
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}.", WRONG)


def leave(status: int) -> NoReturn:
    """End the program with a status."""
    raise typer.Exit(status)


def fail(sentence: str, status: int) -> NoReturn:
    """End the program with a sentence and a status."""
    structlog.reset_defaults()
    typer.echo(sentence, err=True)
    raise typer.Exit(status)
