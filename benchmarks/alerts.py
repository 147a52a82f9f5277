"""A storm of alerts while people type: what it costs them, and whether all is recorded.

    python -m benchmarks.alerts [--alerts 1000] [--seconds 60] [--database …]

People type the same commands twice on the same bot: with nothing else going on, and while
alerts come in. Half of the alerts are groups of their own, half join ten groups.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from benchmarks.stage import DATABASES, Stage, staged
from benchmarks.table import machine, print_table, quantile
from sandbox.slack.workspace import Channel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.zstack.records import Vm

CALM, STORM = "without alerts", "with alerts"
EVERY = 1.0  # seconds between two commands
_VMS = 10
_GROUPS = 10
_TOKEN = "a-token"
_HEADERS = {"Authorization": f"Bearer {_TOKEN}"}
_CHANNEL = "C0ALERTS"


@dataclass
class Seen:
    """What was measured, in seconds: from typing to outcome, from sending to answer."""

    answers: dict[str, list[float]] = field(default_factory=dict)
    acks: list[float] = field(default_factory=list)
    recorded: int = 0


def delivery(number: int) -> dict[str, Any]:
    """What Alertmanager sends of one alert."""
    group = f"own-{number}" if number % 2 else f"shared-{number % (2 * _GROUPS)}"
    labels = {"alertname": "VmCpuHigh", "severity": "warning", "vm": f"vm-{number}"}
    return {
        "version": "4",
        "groupKey": group,
        "groupLabels": {"alertname": "VmCpuHigh"},
        "alerts": [
            {
                "status": "firing",
                "labels": labels,
                "annotations": {"summary": f"CPU of vm-{number} is at 97 %"},
                "startsAt": "2026-01-05T09:30:00Z",
                "fingerprint": f"{number:016x}",
            }
        ],
    }


async def storm(stage: Stage, count: int, seconds: float, seen: Seen) -> None:
    """Send alerts at an even pace, however slowly they are answered."""

    async def send(number: int) -> None:
        began = time.monotonic()
        answer = await source.post(url, json=delivery(number))
        seen.acks.append(time.monotonic() - began)
        seen.recorded += answer.raise_for_status().json()["new"]

    url = f"{stage.slack.bot_url}/alerts/alertmanager"
    async with (
        httpx.AsyncClient(trust_env=False, headers=_HEADERS, timeout=10) as source,
        asyncio.TaskGroup() as group,
    ):
        for number in range(count):
            group.create_task(send(number))
            await asyncio.sleep(seconds / count)


async def type_for(
    stage: Stage, vms: Sequence[Vm], seconds: float, answers: list[float]
) -> None:
    """Type a command a second, each on the VM that was left alone for longest."""

    async def type_one(vm: Vm) -> None:
        began = time.time()
        answers.append(await stage.answer(vm) - began)

    async with asyncio.TaskGroup() as group:
        for number in range(max(1, round(seconds / EVERY))):
            group.create_task(type_one(vms[number % len(vms)]))
            await asyncio.sleep(EVERY)


async def measure(options: argparse.Namespace) -> Seen:
    """Let people type, and then the same with the storm."""
    settings = {"ALERTMANAGER_TOKEN": _TOKEN, "ALERT_CHANNEL": _CHANNEL}
    seen = Seen({CALM: [], STORM: []})
    async with staged(options.database, **settings) as stage:
        made = Channel(_CHANNEL, "alerts", members={"U0ALICE", "U0ZSTACKBOT"})
        stage.slack.workspace.channels[_CHANNEL] = made
        vms = stage.add_vms("typed", _VMS)
        for vm in vms:
            vm.job_seconds = 0.2
        await stage.answer(vms[0])  # a first callback, so that they are relied on
        await type_for(stage, vms, options.seconds, seen.answers[CALM])
        async with asyncio.TaskGroup() as group:
            group.create_task(storm(stage, options.alerts, options.seconds, seen))
            typed = type_for(stage, vms, options.seconds, seen.answers[STORM])
            group.create_task(typed)
    return seen


def report(seen: Seen) -> None:
    """Print the figures, and the storm's beside those without it."""
    figures = {
        who: [quantile(times, part) for part in (0.5, 0.95, 1.0)]
        for who, times in {**seen.answers, "an alert's answer": seen.acks}.items()
    }
    rows = [
        (who, *(f"{time * 1000:.0f}" for time in times))
        for who, times in figures.items()
    ]
    print_table(("from typing to outcome", "p50 ms", "p95 ms", "max ms"), rows)
    pairs = zip(figures[STORM], figures[CALM], strict=True)
    p50, p95, _ = (storm / calm for storm, calm in pairs)
    print(f"\ncommands took {p50:.2f} times as long (p50), {p95:.2f} times (p95)")
    p99 = quantile(seen.acks, 0.99)
    print(f"{seen.recorded} alerts recorded, answered within {p99 * 1000:.0f} ms (p99)")


def main(words: Sequence[str] | None = None) -> None:
    """Measure as the command line asks for, and print it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.alerts")
    parser.add_argument("--alerts", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--database", choices=DATABASES, default=DATABASES[0])
    options = parser.parse_args(words)
    seen = asyncio.run(measure(options))
    print(f"{machine()}, {options.database}, {options.alerts} alerts\n")
    report(seen)


if __name__ == "__main__":
    main()
