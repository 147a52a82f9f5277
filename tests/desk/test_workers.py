"""The loop that carries out what it claims, a bounded number at once."""

import asyncio

from structlog.testing import capture_logs

from desk.errors import StoreUnavailable
from desk.store import Bell
from desk.workers import IDLE, Workers


class Mill:
    """Work whose items wait at a gate; a claim that hands out what is there."""

    def __init__(self, *items, at_once=2):
        self.waiting = list(items)
        self.due = 0.0  # by the clock of the loop
        self.taken_by_another = False
        self.faults = []
        self.begun, self.ended = [], []
        self.asked = 0
        self.gate = asyncio.Event()
        self.bell = Bell()
        self.empty = asyncio.Event()
        self.workers = Workers(self, self.work, bell=self.bell, at_once=at_once)

    async def next_due(self):
        if self.faults:
            self.bell.ring()
            raise self.faults.pop()
        if self.waiting:
            return self.due - asyncio.get_running_loop().time()
        self.empty.set()
        return None

    async def claim(self, limit):
        self.asked += 1
        if self.faults:
            raise self.faults.pop()
        if self.taken_by_another:
            return []
        taken, self.waiting = self.waiting[:limit], self.waiting[limit:]
        return taken

    async def work(self, item):
        self.begun.append(item)
        if isinstance(item, Exception):
            raise item
        await self.gate.wait()
        self.ended.append(item)

    async def run_dry(self):
        """Run until there is nothing left to claim, then stop."""
        running = asyncio.create_task(self.workers.run())
        await self.empty.wait()
        self.workers.stop()
        self.gate.set()
        await running


async def turns(number=20):
    """Let the loop go round so often."""
    for _ in range(number):
        await asyncio.sleep(0)


async def test_everything_that_is_claimed_is_carried_out():
    mill = Mill("a", "b", "c")
    mill.gate.set()

    await mill.run_dry()

    assert mill.ended == ["a", "b", "c"]


async def test_no_more_are_taken_up_than_may_run_at_once():
    mill = Mill("a", "b", "c", at_once=2)
    running = asyncio.create_task(mill.workers.run())

    await turns()
    mill.bell.ring()
    await turns()

    assert (mill.begun, mill.asked) == (["a", "b"], 1)
    mill.workers.stop()
    mill.gate.set()
    await running


async def test_what_is_due_later_is_slept_through_until_that_moment():
    mill = Mill("a")
    mill.gate.set()
    mill.due = asyncio.get_running_loop().time() + 0.05

    assert 0 < await mill.workers._look() <= 0.05
    await mill.run_dry()

    assert mill.ended == ["a"]
    assert asyncio.get_running_loop().time() >= mill.due


async def test_nothing_is_claimed_before_it_is_due():
    mill = Mill("a")
    mill.due = asyncio.get_running_loop().time() + 60

    assert await mill.workers._look() == IDLE
    assert mill.asked == 0


async def test_a_ring_is_answered_with_a_claim_and_no_look_before_it():
    mill = Mill("a")
    mill.due = asyncio.get_running_loop().time() + 60

    await mill.workers._look(is_rung=True)
    await turns()

    assert mill.begun == ["a"]
    mill.gate.set()
    await turns()


async def test_a_ring_for_what_is_not_due_yet_waits_until_it_is():
    mill = Mill()

    assert await mill.workers._look(is_rung=True) == IDLE
    assert mill.asked == 1


async def test_what_another_replica_took_is_not_tried_again_at_once():
    mill = Mill("a")
    mill.taken_by_another = True

    assert await mill.workers._look() == IDLE


async def test_what_ends_makes_room_for_the_next():
    mill = Mill("a", "b", "c", at_once=1)
    running = asyncio.create_task(mill.workers.run())
    await turns()

    mill.gate.set()
    await mill.empty.wait()

    assert mill.ended == ["a", "b", "c"]
    mill.workers.stop()
    await running


async def test_what_is_due_again_when_it_is_given_back_is_taken_up_soon():
    mill = Mill("a")
    running = asyncio.create_task(mill.workers.run())
    await turns()
    mill.waiting.append("again")  # nobody rings: it came while it was held

    mill.gate.set()
    await mill.empty.wait()

    assert mill.ended == ["a", "again"]
    mill.workers.stop()
    await running


async def test_a_claim_that_left_hands_free_is_not_asked_again_at_once():
    mill = Mill("a", at_once=2)
    running = asyncio.create_task(mill.workers.run())

    await turns()
    mill.gate.set()
    await turns()

    assert (mill.ended, mill.asked) == (["a"], 1)
    mill.workers.stop()
    await running


async def test_a_store_that_is_away_is_asked_again_and_that_is_said_once():
    mill = Mill("a")
    mill.faults += [StoreUnavailable("locked")] * 3

    with capture_logs() as logs:
        await mill.run_dry()

    assert mill.ended == ["a"]
    assert [(line["event"], line.get("reason")) for line in logs] == [
        ("store_unavailable", "locked"),
        ("store_back", None),
    ]


async def test_a_claim_that_fails_by_a_bug_does_not_end_the_loop():
    mill = Mill("a")
    mill.faults.append(KeyError("bug"))

    with capture_logs() as logs:
        await mill.run_dry()

    assert mill.ended == ["a"]
    assert logs[0]["event"] == "claim_failed"


async def test_work_that_fails_is_logged_and_the_others_go_on():
    mill = Mill(LookupError("x"), "a", at_once=1)
    mill.gate.set()

    with capture_logs() as logs:
        await mill.run_dry()

    assert mill.ended == ["a"]
    assert (logs[0]["event"], logs[0]["error"]) == ("work_failed", "LookupError")


async def test_stop_waits_for_what_is_under_way():
    mill = Mill("a")
    running = asyncio.create_task(mill.workers.run())
    await turns()

    mill.workers.stop()
    await turns()

    assert not running.done()
    mill.gate.set()
    await running
    assert mill.ended == ["a"]


async def test_stop_waits_also_when_one_of_them_fails():
    mill = Mill("a", LookupError("x"))
    running = asyncio.create_task(mill.workers.run())
    mill.workers.stop()
    taken = asyncio.create_task(mill.workers._look())

    await turns()
    mill.gate.set()
    await asyncio.gather(running, taken)

    assert mill.ended == ["a"]


async def test_work_that_is_cancelled_is_no_failure():
    mill = Mill("a")
    running = asyncio.create_task(mill.workers.run())
    await turns()

    with capture_logs() as logs:
        for task in tuple(mill.workers._running):
            task.cancel()
        mill.workers.stop()
        await running

    assert logs == []
