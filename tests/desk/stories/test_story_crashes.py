"""Nothing is lost and nothing is done twice, whenever the process dies."""

import json
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import select

from desk import audit
from desk.claims import LEASE
from desk.ledger import LAST_STEP
from desk.machine import STEPS
from desk.notice import Outcome, Slot
from desk.runner import Runner
from desk.tables import command
from tests.desk.conftest import People

DETACH = "DetachIsoFromVmInstance"


async def _at_login(story):
    await story.log_out()
    return await story.to("login.1")


async def _at_sent(story):
    story.bench.node.faults.add("drop-reply", DETACH)
    return await story.to("sent.1")


async def _at_verify(story):
    return await story.bench.settle(await _at_sent(story), until="verify.1")


async def _at_declined(story):
    row = await story.to("ask.1", "installer-01")
    await story.press("Leave it")
    return row


async def _at_read(story):
    row = await story.bench.accept("QueryVmInstance", show="web-01")
    return await story.bench.settle(row, until="read.1")


async def _at_approve(story):
    row = await story.bench.accept("DestroyVmInstance", uuid="web-01", reason="old")
    return await story.bench.settle(row, until="approve.1")


async def _at_batch(story):
    row = await story.to("ask.1", "db-01")
    await story.press("All 2")
    await story.bench.settle(row, until="batch.1")
    children = await story.bench.desk.ledger.children(row.id)
    first = min(children, key=lambda it: (it.accepted_at, it.id))  # has its turn first
    await story.bench.settle(first, until="done.1")
    return row


# How a row comes to stand at a step, and how it ends when nobody does anything more.
CASES = {
    "decide.1": (lambda story: story.to("decide.1"), Outcome.SUCCEEDED),
    "login.1": (_at_login, Outcome.EXPIRED),
    "resolve.1": (lambda story: story.to("resolve.1"), Outcome.SUCCEEDED),
    "read.1": (_at_read, Outcome.SUCCEEDED),
    "turn.1": (lambda story: story.to("turn.1"), Outcome.SUCCEEDED),
    "picture.1": (lambda story: story.to("picture.1"), Outcome.SUCCEEDED),
    "ask.1": (lambda story: story.to("ask.1", "db-01"), Outcome.EXPIRED),
    "approve.1": (_at_approve, Outcome.EXPIRED),
    "batch.1": (_at_batch, Outcome.SUCCEEDED),
    "declined.1": (_at_declined, Outcome.REFUSED),
    "send.1": (lambda story: story.to("send.1"), Outcome.SUCCEEDED),
    "sent.1": (_at_sent, Outcome.SUCCEEDED),
    "follow.1": (lambda story: story.to("follow.1"), Outcome.SUCCEEDED),
    "verify.1": (_at_verify, Outcome.SUCCEEDED),
}


async def _claim(story, step):
    """Bring a row to a step and take it up there, as a worker does."""
    row = await CASES[step][0](story)
    story.bench.clock.now += await story.bench.desk.ledger.next_due()
    claimed = {one.id: one for one in await story.bench.desk.ledger.claim(9)}
    assert claimed[row.id].step == step
    return claimed[row.id]


async def _check(story, row, outcome):
    acted = outcome is Outcome.SUCCEEDED
    answers = acted or row.memo.approval is not None
    if row.operation == "QueryVmInstance":
        acted = False
    assert row.outcome is outcome
    parts = 2 if row.memo.each else 1
    assert story.changes() == acted * parts
    assert story.posted(Slot.ANSWER) == answers
    told = [json.loads(it.entry) async for it in audit.links(story.bench.desk.store)]
    events = Counter((it["command"], it["event"]) for it in told if "command" in it)
    assert events[row.id, "ended"] == 1
    assert set(events.values()) == {1}
    assert sum(event == "sent" for _, event in events) == story.changes()


@pytest.mark.parametrize("step", STEPS)
async def test_a_crash_before_a_step_loses_and_doubles_nothing(story, step):
    row = await _claim(story, step)

    await story.crash()

    await _check(story, await story.bench.settle(row), CASES[step][1])


@pytest.mark.parametrize("step", STEPS)
async def test_a_crash_right_before_a_commit_loses_and_doubles_nothing(story, step):
    row = await _claim(story, step)
    await STEPS[step].run(story.bench.desk, row)

    await story.crash()

    await _check(story, await story.bench.settle(row), CASES[step][1])


@pytest.mark.parametrize("step", STEPS)
async def test_a_crash_right_after_a_commit_loses_and_doubles_nothing(story, step):
    row = await _claim(story, step)
    await story.bench.runner.advance(row)

    await story.crash()

    await _check(story, await story.bench.settle(row), CASES[step][1])


async def test_a_claimed_row_goes_on_until_it_has_to_wait(story, bench, proven):
    row = await _claim(story, "decide.1")

    await bench.runner.carry_on(row)

    assert (await bench.desk.ledger.by_id(row.id)).step == "follow.1"
    proven(await bench.settle(row))


async def test_a_row_that_is_cancelled_between_two_steps_is_let_go(story, bench):
    row = await _claim(story, "decide.1")
    held = await bench.runner.advance(row, keep=True)

    assert await bench.desk.ledger.cancel(held)

    await bench.runner.carry_on(held)
    assert (await bench.settle(row)).outcome is Outcome.REFUSED
    assert story.changes() == 0


async def test_a_choice_after_a_crash_still_counts(story, bench, proven):
    row = await story.to("ask.1", "db-01")
    await bench.carry()
    await story.crash()

    proven(await story.answered(row, "rescue.iso"))


async def test_a_login_after_a_crash_still_counts(story, bench, proven):
    row = await _at_login(story)
    await bench.carry()
    await story.crash()
    await story.connect()

    proven(await bench.settle(row))


async def test_who_lost_the_claim_writes_and_sends_nothing(story, bench, proven):
    late = await _claim(story, "send.1")
    bench.clock.now += 60
    (other,) = await bench.desk.ledger.claim(1)

    await bench.runner.advance(late)

    assert bench.node.log.actions() == []
    await bench.runner.advance(other)
    proven(await bench.settle(other))


async def test_who_lost_the_claim_does_not_commit_its_step(story, bench, proven):
    late = await _claim(story, "verify.1")
    bench.clock.now += 60
    (other,) = await bench.desk.ledger.claim(1)

    await bench.runner.advance(late)
    assert (await bench.desk.ledger.by_id(late.id)).step == "verify.1"

    await bench.runner.advance(other)
    proven(await bench.settle(other))


async def test_what_is_done_stays_done(story, bench, proven):
    row = await bench.detach("web-01")
    await story.crash()

    again = await bench.detach("web-01")

    assert again.id == row.id
    assert again.step == LAST_STEP
    proven(again)


@dataclass
class Slow(People):
    """A directory that takes longer than a claim lasts without a heartbeat."""

    bench: Any = None

    async def standing(self, person):
        ledger = self.bench.desk.ledger
        for _ in range(3):
            self.bench.clock.now += LEASE - 1
            while await _lease(self.bench) < self.bench.clock.now + LEASE:
                assert await ledger.claim(1) == []
        return await super().standing(person)


async def _lease(bench):
    async with bench.desk.store.read() as connection:
        return (await connection.execute(select(command.c.lease))).scalar_one()


async def test_a_step_that_takes_long_keeps_its_claim(story, bench):
    row = await _claim(story, "decide.1")
    slow = replace(bench.desk, directory=Slow(bench=bench))

    await Runner(slow, beat=0.001).advance(row)

    assert (await bench.desk.ledger.by_id(row.id)).step == "resolve.1"
