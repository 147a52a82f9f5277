"""Makes a bot kill or stop itself at a moment that no clock can hit.

`kill -9` from inside: nothing is flushed, no `finally` runs, no transaction is ended.
"""

import contextlib
import inspect
import os
import pkgutil
import signal
from contextvars import ContextVar
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.pool import Pool

from desk.ledger import Ledger
from desk.store import Store

LAST_WORDS = "struck itself down"

# Whether what is written now, by this task, takes the row the way that it is about.
_crossing: ContextVar[bool] = ContextVar("crossing", default=False)
_signal = signal.SIGKILL


def at_way(moment, *way, words):
    """Die before, or after, a command with these words is committed to a next step."""
    return {"moment": moment, "way": way, "words": words}


def at_call(moment, name, nth=1):
    """Die before, or after, the nth call of what is called so, `module:Class.method`."""
    return {"moment": moment, "call": name, "nth": nth}


def freezing(death):
    """Stop there instead, until somebody says SIGCONT."""
    return death | {"signal": signal.SIGSTOP}


def limited(path):
    """Do not die: have no more pages than the file says, while there is one."""
    return {"pages": str(path)}


def arrange(death):
    """Let this process die as ordered."""
    global _signal  # noqa: PLW0603  # of this process, once
    _signal = (death or {}).get("signal", signal.SIGKILL)
    match death:
        case {"moment": moment, "way": way, "words": words}:
            _watch(tuple(way), words)
            _die_at_the_commit(moment)
        case {"moment": moment, "call": name, "nth": nth}:
            _die_at_a_call(moment, name, nth)
        case {"pages": path}:
            _limit_pages(Path(path))


def _die():
    global _signal  # who is woken lives on
    if _signal:
        deadly, _signal = _signal, None
        os.write(1, f"{LAST_WORDS}\n".encode())
        os.kill(os.getpid(), deadly)


def _watch(way, words):
    """Notice when a row is taken the way, by a step or by a person."""

    def watched(method):
        async def watch(self, *given, **how):
            row, step = given[-2:]
            if (row.step, step.step) == way and words in row.words:
                _crossing.set(True)
            return await method(self, *given, **how)

        return watch

    Ledger.commit = watched(Ledger.commit)
    Ledger._divert = watched(Ledger._divert)


def _die_at_the_commit(moment):
    write = Store.write

    @contextlib.asynccontextmanager
    async def fatal_write(self, *bells):
        async with write(self, *bells) as connection:
            yield connection
            if moment == "before" and _crossing.get():
                _die()
        if moment == "after" and _crossing.get():
            _die()

    Store.write = fatal_write


def _die_at_a_call(moment, name, nth):
    called = pkgutil.resolve_name(name)
    left = iter(range(nth - 1, -1, -1))

    async def after(result):
        result = await result if inspect.isawaitable(result) else result
        _die()
        return result

    def fatal(*given, **how):
        is_last = next(left, None) == 0
        if is_last and moment == "before":
            _die()
        result = called(*given, **how)
        return after(result) if is_last and moment == "after" else result

    owner, _, attribute = name.rpartition("." if "." in name.partition(":")[2] else ":")
    setattr(pkgutil.resolve_name(owner), attribute, fatal)


def _limit_pages(path):
    """Let SQLite be full: `max_page_count` belongs to a connection, not to the file."""

    @event.listens_for(Pool, "checkout")
    def limit(connection, *_):
        pages = path.read_text() if path.exists() else "1073741823"
        connection.cursor().execute(f"PRAGMA max_page_count={pages}")
