"""What many commands cost whose jobs run for long: memory, time, and looks at the jobs.

    python -m benchmarks.waiting [--commands 2000] [--seconds 60] [--webhook on|off] [--database …]

Measured from outside, in /proc and at the simulated ZStack, once all of them wait.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.stage import DATABASES, Stage, staged
from benchmarks.table import machine, print_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.zstack.records import Vm

AT_ONCE = 16  # commands typed at the same time, until all of them wait
SETTLING = 35.0  # seconds until every job was looked at once at the pace it keeps
_FOR_EVER = 86_400.0
_JOBS = "/api-jobs/"


async def fill(stage: Stage, vms: Sequence[Vm]) -> None:
    """Type a command for every VM, and wait until ZStack has a job for each."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def type_one(vm: Vm) -> None:
        vm.job_seconds = _FOR_EVER
        async with turns:
            await stage.command(vm)

    before = len(stage.node.jobs.rows)
    async with asyncio.TaskGroup() as group:
        for vm in vms:
            group.create_task(type_one(vm))
    while len(stage.node.jobs.rows) < before + len(vms):  # noqa: ASYNC110  # another process acts
        await asyncio.sleep(0.1)


class Usage:
    """What a process has used, as /proc tells it."""

    def __init__(self, pid: int) -> None:
        self._directory = Path(f"/proc/{pid}")
        self._began = time.monotonic()
        self._used = self._seconds()

    def _seconds(self) -> float:
        # Counted from behind the name, which may hold spaces; proc(5), utime and stime.
        fields = self._directory.joinpath("stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def share(self) -> float:
        """Of one core, since this was made."""
        return (self._seconds() - self._used) / (time.monotonic() - self._began)

    @property
    def megabytes(self) -> float:
        """Of memory, now."""
        lines = self._directory.joinpath("status").read_text().splitlines()
        (line,) = [line for line in lines if line.startswith("VmRSS:")]
        return int(line.split()[1]) / 1024


def looks(stage: Stage, since: float) -> dict[str, list[float]]:
    """When each job was looked at."""
    found = defaultdict(list)
    for received in stage.node.log.received:
        if received.path.startswith(_JOBS) and received.at >= since:
            found[received.path.removeprefix(_JOBS)].append(received.at)
    return found


def shortest(found: dict[str, list[float]]) -> float:
    """The shortest time between two looks at the same job."""
    gaps = [
        later - earlier
        for times in found.values()
        for earlier, later in pairwise(times)
    ]
    return min(gaps, default=float("nan"))


async def measure(options: argparse.Namespace) -> list[tuple[str, str]]:
    """Let the commands wait, and see what that costs."""
    async with staged(options.database, ZSTACK_WEBHOOK=options.webhook) as stage:
        idle = Usage(stage.bot.pid).megabytes
        (heard,) = stage.add_vms("heard", 1)
        heard.job_seconds = 0.1
        await stage.answer(heard)  # a first callback, so that they are relied on
        began = time.monotonic()
        await fill(stage, stage.add_vms("waits", options.commands))
        filled = time.monotonic() - began
        await stage.answer(heard)
        await asyncio.sleep(options.settling)
        since, usage = time.time(), Usage(stage.bot.pid)
        await asyncio.sleep(options.seconds)
        share, found = usage.share, looks(stage, since)
        others = [it for it in stage.node.log.received if it.at >= since]
        count = sum(map(len, found.values()))
        return [
            ("commands waiting", str(options.commands)),
            ("memory (RSS)", f"{usage.megabytes:.0f} MB"),
            ("memory before the first command", f"{idle:.0f} MB"),
            ("CPU, of one core", f"{share:.1%}"),
            ("looks at jobs, a second", f"{count / options.seconds:.1f}"),
            (
                "looks at one job in a minute, at most",
                f"{max(map(len, found.values()), default=0) * 60 / options.seconds:.1f}",
            ),
            ("shortest time between two looks at a job", f"{shortest(found):.1f} s"),
            (
                "all requests to ZStack, a second",
                f"{len(others) / options.seconds:.1f}",
            ),
            ("accepted and sent, a second", f"{options.commands / filled:.0f}"),
        ]


def main(words: Sequence[str] | None = None) -> None:
    """Measure what the command line asks for, and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.waiting")
    parser.add_argument("--commands", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--settling", type=float, default=SETTLING)
    parser.add_argument("--webhook", choices=("on", "off"), default="on")
    parser.add_argument("--database", choices=DATABASES, default=DATABASES[0])
    options = parser.parse_args(words)
    rows = asyncio.run(measure(options))
    print(f"{machine()}, {options.database}, callbacks {options.webhook}\n")
    print_table(("", "measured"), rows)


if __name__ == "__main__":
    main()
