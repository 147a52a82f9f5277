"""Watching a young job: its worker waits for the next look instead of putting it down."""

import asyncio
import dataclasses

import pytest

from desk.notice import Outcome, Slot
from desk.steps.pace import AT_MOST
from tests.desk.conftest import BOB


@pytest.fixture
def brisk(bench):
    """A desk whose workers wait for a look that is due in a tenth of a second."""
    bench.desk = dataclasses.replace(bench.desk, brisk=0.1)
    return bench


async def _claimed(story):
    """A detach whose job does not end by itself, in the hands of a worker."""
    row = await story.to("follow.1")
    _job(story.bench, row).status = 202
    story.bench.clock.now += 0.05
    (claimed,) = await story.bench.desk.ledger.claim(1)
    return claimed


def _job(bench, row):
    return bench.node.jobs.rows[row.job_uuid]


def _end(bench, row):
    _job(bench, row).status = 200


def _fail(bench, row):
    job = _job(bench, row)
    job.status = 503
    job.body = {"error": {"code": "SYS.1000", "description": "no"}}


def _looks(bench, row):
    paths = [it.path for it in bench.node.log.received]
    return sum(path.endswith(row.job_uuid) for path in paths)


async def test_the_end_of_a_young_job_is_seen_in_the_same_step(story, brisk):
    row = await _claimed(story)
    asyncio.get_running_loop().call_later(0.05, _end, brisk, row)

    await brisk.runner.advance(row)

    ended = await brisk.desk.ledger.by_id(row.id)
    assert (ended.step, ended.outcome) == ("done.1", Outcome.SUCCEEDED)
    assert _looks(brisk, row) > 1


async def test_how_long_it_took_counts_the_watching(story, brisk):
    row = await _claimed(story)
    asyncio.get_running_loop().call_later(0.05, _end, brisk, row)

    await brisk.runner.advance(row)
    await brisk.carry()

    assert brisk.told.last.seconds > row.claimed_at - row.started_at


async def test_a_job_that_has_run_for_longer_is_put_down(story, brisk):
    row = await _claimed(story)
    row = row.model_copy(update={"sent_at": row.claimed_at - 3.5})

    await brisk.runner.advance(row)

    waiting = await brisk.desk.ledger.by_id(row.id)
    assert (waiting.step, _looks(brisk, row)) == ("follow.1", 1)
    assert waiting.due - brisk.clock.now == pytest.approx(0.14, abs=0.02)


async def test_a_job_that_zstack_will_call_about_is_put_down(story, brisk):
    row = await _claimed(story)
    brisk.desk = dataclasses.replace(brisk.desk, callback="http://bot/zstack/jobs")
    row = row.model_copy(update={"any_call_at": row.claimed_at - 1})

    await brisk.runner.advance(row)

    waiting = await brisk.desk.ledger.by_id(row.id)
    assert (waiting.due - brisk.clock.now, _looks(brisk, row)) == (30, 1)


async def test_in_a_crowd_no_worker_waits(story, brisk):
    row = (await _claimed(story)).model_copy(update={"waiting": 50})
    for _ in range(int(AT_MOST)):
        brisk.desk.looks.note()

    await brisk.runner.advance(row)

    assert (await brisk.desk.ledger.by_id(row.id)).step == "follow.1"
    assert _looks(brisk, row) == 1


@pytest.mark.parametrize("left", [0.05, -1.0], ids=["is near", "has passed"])
async def test_nobody_watches_a_stuck_job_whose_deadline(story, brisk, left):
    row = await _claimed(story)
    times = {"sent_at": row.claimed_at - 1800, "deadline": row.claimed_at + left}

    async with asyncio.timeout(5):
        await brisk.runner.advance(row.model_copy(update=times))

    assert _looks(brisk, row) == 1


async def test_a_job_is_watched_no_longer_when_the_clock_was_set_back(story, brisk):
    row = await _claimed(story)
    row = row.model_copy(update={"sent_at": row.claimed_at + 60})
    brisk.desk = dataclasses.replace(brisk.desk, brisk=0.02)

    async with asyncio.timeout(5):
        await brisk.runner.advance(row)

    assert (await brisk.desk.ledger.by_id(row.id)).claim is None


async def test_how_long_it_took_to_fail_counts_the_watching(story, brisk):
    row = await _claimed(story)
    asyncio.get_running_loop().call_later(0.05, _fail, brisk, row)

    await brisk.runner.advance(row)
    await brisk.carry()

    assert brisk.told.last.outcome is Outcome.FAILED
    assert brisk.told.notices(Slot.ANSWER)[-1].seconds > row.claimed_at - row.started_at


async def test_a_few_at_once_share_no_looks_that_nobody_takes(story, brisk):
    row = (await _claimed(story)).model_copy(update={"waiting": 20})
    asyncio.get_running_loop().call_later(0.05, _end, brisk, row)

    await brisk.runner.advance(row)

    assert (await brisk.desk.ledger.by_id(row.id)).step == "done.1"


async def test_who_waits_for_a_person_is_no_part_of_the_crowd(story, brisk):
    parked = await brisk.accept("QueryVmInstance", key="parked", person=BOB)
    assert (await brisk.settle(parked)).step == "login.1"

    assert (await _claimed(story)).waiting == 1
