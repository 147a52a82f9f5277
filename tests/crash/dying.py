"""Makes a bot kill itself at a moment that no clock can hit.

`kill -9` from inside: nothing is flushed, no `finally` runs, no transaction is ended.
"""

import contextlib
import inspect
import os
import pkgutil
import signal
from contextvars import ContextVar

from desk.ledger import Ledger
from desk.store import Store

LAST_WORDS = "killed itself"

# Whether what is written now, by this task, takes the row the way that it is about.
_crossing: ContextVar[bool] = ContextVar("crossing", default=False)


def at_way(moment, *way, words):
    """Die before, or after, a command with these words is committed to a next step."""
    return {"moment": moment, "way": way, "words": words}


def at_call(moment, name, nth=1):
    """Die before, or after, the nth call of what is called so, `module:Class.method`."""
    return {"moment": moment, "call": name, "nth": nth}


def arrange(death):
    """Let this process die as ordered."""
    match death:
        case {"moment": moment, "way": way, "words": words}:
            _watch(tuple(way), words)
            _die_at_the_commit(moment)
        case {"moment": moment, "call": name, "nth": nth}:
            _die_at_a_call(moment, name, nth)


def _die():
    os.write(1, f"{LAST_WORDS}\n".encode())
    os.kill(os.getpid(), signal.SIGKILL)


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
        if _crossing.get():
            _die()

    Store.write = fatal_write


def _die_at_a_call(moment, name, nth):
    called = pkgutil.resolve_name(name)
    left = iter(range(nth - 1, -1, -1))

    async def after(result):
        result = await result if inspect.isawaitable(result) else result
        _die()

    def fatal(*given, **how):
        is_last = next(left, None) == 0
        if is_last and moment == "before":
            _die()
        result = called(*given, **how)
        return after(result) if is_last else result

    owner, _, attribute = name.rpartition("." if "." in name.partition(":")[2] else ":")
    setattr(pkgutil.resolve_name(owner), attribute, fatal)
