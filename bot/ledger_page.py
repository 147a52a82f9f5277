"""`docs/ledger.md`, drawn from the state machine: `python -m bot.ledger_page`."""

from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING

from desk import keys
from desk.claims import LEASE
from desk.ledger import FIRST_STEP, LAST_STEP
from desk.machine import STEPS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from desk.machine import Step

_HEAD = f"""\
# The ledger

Written by `python -m bot.ledger_page` from the state machine in `desk/machine.py` and the
keys in `desk/keys.py`; a test fails when it is stale.

A command is a row. A worker claims it for {LEASE:.0f} seconds at a time and beats while it is
busy, takes one step, and commits what comes next together with what is to be told. The commit
counts only while the claim is held, so of two workers only one goes on. Step names are stored,
with a version; a row at a step that this version does not know is put aside, and
`python -m bot doctor` names it.

```mermaid
stateDiagram-v2
    [*] --> {FIRST_STEP}: recorded, then acknowledged
"""

_STEPS = """\
```

## What a crash leaves

Every step may be taken twice, and each boundary between two of them is a place where the
tests kill the bot (`tests/crash`). After a commit the row stands at the next step; whoever
runs takes it up there: at once after a start, or when the lease of the dead has run out.

| step | what it does | a crash before its commit | after it the row stands at |
| --- | --- | --- | --- |
"""

_KEYS = """
## Keys: one cause, one row

The column is unique. Whoever delivers the same cause again gets the state of the first row;
a row is kept for 90 days after its end.

| function | cause |
| --- | --- |
"""


def page() -> str:
    """Write the page."""
    ways = (_way(name, to, when) for name, to, when in _ways())
    steps = (_step(name, step) for name, step in STEPS.items())
    causes = (f"| `{name}` | {said} |\n" for name, said in _causes())
    drawing = (_HEAD, *ways, f"    {LAST_STEP} --> [*]\n")
    return "".join((*drawing, _STEPS, *steps, _KEYS, *causes))


def _ways() -> Iterator[tuple[str, str, str]]:
    for name, step in STEPS.items():
        for to, when in step.ways.items():
            yield name, to, when


def _way(name: str, to: str, when: str) -> str:
    return f"    {name} --> {to}: {when}\n"


def _step(name: str, step: Step) -> str:
    next_ones = ", ".join(f"`{to}`" for to in step.ways)
    return f"| `{name}` | {_said(step.run)} | {step.crash} | {next_ones} |\n"


def _causes() -> Iterator[tuple[str, str]]:
    for name, function in vars(keys).items():
        is_key = inspect.isfunction(function) and not name.startswith("_")
        if is_key and function.__module__ == keys.__name__:
            yield name, _said(function)


def _said(thing: object) -> str:
    return (inspect.getdoc(thing) or "").splitlines()[0]


if __name__ == "__main__":
    sys.stdout.write(page())
