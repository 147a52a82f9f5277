"""From the end of a job to its answer in Slack: the bot beside a client that polls.

    python -m benchmarks.latency [--commands 100] [--database …] [--chart FILE]

Once with ZStack's callbacks and once without.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.chart import draw
from benchmarks.poller import Poller
from benchmarks.race import CALM, CROWD, LENGTHS, POLLER, Race, Sample
from benchmarks.stage import ACCOUNT, DATABASES, PASSWORD, staged
from benchmarks.table import machine, print_table, quantile

if TYPE_CHECKING:
    from collections.abc import Sequence

CALLED, UNCALLED = "bot, called back", "bot, not called back"
_HEAD = "commands, job, by, n, p50 ms, p95 ms, max ms, p95 of the job's length"


async def race(count: int, database: str, *, is_called: bool) -> list[Sample]:
    """Run the race once, on a stage of its own."""
    webhook = "on" if is_called else "off"
    async with staged(database, ZSTACK_WEBHOOK=webhook) as stage:
        poller = Poller(stage.slack, stage.zstack_url)
        await poller.log_in(ACCOUNT, PASSWORD)
        one = Race(stage, poller, CALLED if is_called else UNCALLED)
        try:
            await one.run(count)
        finally:
            await poller.close()
    return one.samples


def report(samples: Sequence[Sample]) -> None:
    """Print how late answers were, and what that is of the jobs' length."""
    rows = [
        (
            pace,
            f"{length:g} s",
            who,
            *_figures(
                [
                    it
                    for it in samples
                    if (it.pace, it.length, it.who) == (pace, length, who)
                ]
            ),
        )
        for pace in (CALM, CROWD)
        for length in LENGTHS
        for who in (CALLED, UNCALLED, POLLER)
    ]
    rows += [
        (
            pace,
            "all",
            who,
            *_figures([it for it in samples if (it.pace, it.who) == (pace, who)]),
        )
        for pace in (CALM, CROWD)
        for who in (CALLED, UNCALLED, POLLER)
    ]
    print_table(_HEAD.split(", "), rows)


def _figures(group: Sequence[Sample]) -> tuple[str, ...]:
    late = [it.late for it in group]
    share = quantile([it.share for it in group], 0.95)
    times = (quantile(late, part) for part in (0.5, 0.95, 1.0))
    return (str(len(group)), *(f"{time * 1000:.0f}" for time in times), f"{share:.0%}")


def ratios(samples: Sequence[Sample]) -> None:
    """Print how many times later than ours the poller's answers were."""
    for pace in (CALM, CROWD):
        for who in (CALLED, UNCALLED):
            ours, theirs = (
                [it.late for it in samples if (it.pace, it.who) == (pace, one)]
                for one in (who, POLLER)
            )
            p50, p95 = (
                quantile(theirs, part) / quantile(ours, part) for part in (0.5, 0.95)
            )
            print(
                f"{pace}, {who}: the poller is {p50:.1f} times later (p50), {p95:.1f} times (p95)"
            )


def main(words: Sequence[str] | None = None) -> None:
    """Run the races that the command line asks for, and print what they showed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.latency")
    parser.add_argument("--commands", type=int, default=100)
    parser.add_argument("--database", choices=DATABASES, default=DATABASES[0])
    parser.add_argument("--chart", type=Path)
    options = parser.parse_args(words)
    samples = [
        sample
        for is_called in (True, False)
        for sample in asyncio.run(
            race(options.commands, options.database, is_called=is_called)
        )
    ]
    print(f"{machine()}, {options.database}\n")
    report(samples)
    print()
    ratios(samples)
    if options.chart:
        calm = [it for it in samples if it.pace == CALM]
        lines = {
            who: [it.late for it in calm if it.who == who]
            for who in (CALLED, UNCALLED, POLLER)
        }
        options.chart.write_text(draw(lines))


if __name__ == "__main__":
    main()
