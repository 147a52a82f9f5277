"""The same jobs at the same time, run by the bot and by a client that polls."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.stage import ISO

if TYPE_CHECKING:
    from benchmarks.poller import Poller
    from benchmarks.stage import Stage
    from sandbox.zstack.records import Vm

LENGTHS = (0.2, 1.0, 3.0)  # seconds that jobs take, give or take a fifth
AT_ONCE = 20
EVERY = 1.0  # seconds between two commands at a moderate pace
CALM, CROWD = "one by one", f"{AT_ONCE} at once"
POLLER = "1 s poller"


@dataclass(frozen=True)
class Sample:
    """One job: whose, how it was sent, how long it took, how late its answer was seen."""

    who: str
    pace: str
    length: float
    seconds: float
    late: float

    @property
    def share(self) -> float:
        """How late, as a part of the job's length."""
        return self.late / self.seconds


class Race:
    """Two runners on VMs of their own; `bot` is what ours is called."""

    def __init__(self, stage: Stage, poller: Poller, bot: str) -> None:
        self._stage = stage
        self._poller = poller
        self._bot = bot
        self._dice = random.Random(1)
        self.samples: list[Sample] = []

    async def run(self, count: int) -> None:
        """Run `count` commands a few a second, then as many in crowds."""
        ours, theirs = (
            self._stage.add_vms(name, max(count, AT_ONCE))
            for name in ("ours", "theirs")
        )
        pairs = list(zip(ours, theirs, strict=True))
        async with asyncio.TaskGroup() as group:
            for number, pair in enumerate(pairs[:count]):
                group.create_task(self._pair(pair, number, CALM))
                await asyncio.sleep(EVERY)
        for begun in range(0, count, AT_ONCE):
            async with asyncio.TaskGroup() as group:
                for number, pair in enumerate(pairs[: min(AT_ONCE, count - begun)]):
                    group.create_task(self._pair(pair, begun + number, CROWD))

    async def _pair(self, pair: tuple[Vm, Vm], number: int, pace: str) -> None:
        length = LENGTHS[number % len(LENGTHS)]
        seconds = length * self._dice.uniform(0.8, 1.2)
        for vm in pair:
            vm.job_seconds = seconds
        ours, theirs = pair
        seen = await asyncio.gather(self._stage.answer(ours), self._polled(theirs))
        for who, vm, at in zip((self._bot, POLLER), pair, seen, strict=True):
            job = self._stage.job(vm)
            ended = job.ended_at or 0
            took, late = ended - job.accepted_at, at - ended
            self.samples.append(Sample(who, pace, length, took, late))

    async def _polled(self, vm: Vm) -> float:
        """Have the poller run what the bot would be told; when its answer was visible."""
        path = f"/vm-instances/{vm.uuid}/iso"
        attach = ("POST", f"{path}/{self._stage.node.world.iso(ISO)}")
        action = ("DELETE", path) if vm.iso_uuids else attach
        channel = self._stage.channel(vm)
        ts = await self._poller.run(*action, channel)
        seen = self._stage.slack.transcript.find(channel, ts)
        return seen.last.at if seen else 0
