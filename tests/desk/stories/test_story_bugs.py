"""Our own faults: tried again, then ended with a reference; never a dead loop."""

import re
from dataclasses import replace

import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from bot.addresses import engine_url
from desk.claims import LEASE
from desk.command import Next
from desk.engine import open_engine
from desk.errors import StoreUnavailable
from desk.notice import Outcome
from desk.runner import Runner, _checked
from desk.sessions import Sessions
from desk.store import Store
from desk.tables import command


async def _write(bench, row, **values):
    """Write straight into the row, as another version or a broken disk does."""
    async with bench.desk.store.write() as connection:
        same = command.c.id == row.id
        await connection.execute(update(command).where(same).values(**values))


@pytest.fixture
async def sent(story, bench):
    """A row that was sent, and whose arguments no operation takes any more."""
    bench.node.faults.add("drop", "DetachIsoFromVmInstance")
    row = await story.to("sent.1")
    await _write(bench, row, arguments={"flies": True})
    return row


async def test_an_operation_nobody_knows_ends_with_a_reference(bench):
    row = await bench.accept("FlyToTheMoon")

    with capture_logs() as lines:
        row = await bench.settle(row)

    assert row.outcome is Outcome.FAILED
    (reference,) = re.findall(r"reference (\w+)", bench.told.last.title)
    logged = [one["reference"] for one in lines if one["event"] == "step_failed"]
    assert len(logged) == 6
    assert logged[-1] == reference


async def test_a_fault_before_the_send_fails_and_can_be_retried(story, bench):
    row = await story.to("send.1")
    await _write(bench, row, job_sealed="not sealed by us")

    row = await bench.settle(row)

    assert row.outcome is Outcome.FAILED
    assert "Retry" in [choice.label for choice in story.answer.choices]
    assert bench.node.log.actions() == []


async def test_a_fault_after_the_send_ends_unknown(story, bench, sent):
    row = await bench.settle(sent)

    assert row.outcome is Outcome.UNKNOWN
    assert "Tell the bot's operator" in story.answer.next_step


async def test_a_passing_fault_is_only_seen_in_the_log(story, bench, proven):
    row = await story.to("resolve.1")
    await _write(bench, row, arguments={})
    for claimed in await bench.desk.ledger.claim(1):
        await bench.runner.advance(claimed)
    await _write(bench, row, arguments=row.arguments)

    proven(await bench.settle(row))


async def test_a_step_whose_store_was_away_is_taken_again_when_its_claim_ends(
    story, bench, proven, tmp_path
):
    row = await story.to("picture.1")
    (claimed,) = await bench.desk.ledger.claim(1)
    desk, engine = bench.desk, open_engine(engine_url(f"sqlite:///{tmp_path}/no/file"))
    away = Sessions(Store(engine), desk.vault, desk.cloud)
    bench.desk = replace(desk, sessions=away)

    with pytest.raises(StoreUnavailable):
        await bench.runner.advance(claimed)

    bench.desk = desk
    bench.clock.now += LEASE + 1
    proven(await bench.settle(row))


@pytest.fixture
async def parked(story, bench):
    """A row at a step that only another version knows."""
    row = await story.to("send.1")
    await _write(bench, row, step="send.2")
    return row


async def test_a_step_nobody_knows_is_parked(bench, parked):
    with capture_logs() as lines:
        row = await bench.settle(parked)

    assert (row.step, row.due, row.claim) == ("send.2", None, None)
    assert row.outcome is Outcome.RUNNING
    (said,) = (one for one in lines if one["event"] == "step_unknown")
    assert said["log_level"] == "error"


async def test_other_rows_go_on_beside_a_parked_one(bench, parked, proven):
    await bench.settle(parked)

    proven(await bench.detach("my vm", key="k2"))


async def test_a_version_that_knows_the_step_takes_it_up(bench, parked, proven):
    await bench.settle(parked)
    await _write(bench, parked, step="send.1")

    await Runner(bench.desk).catch_up()

    proven(await bench.settle(parked))


async def test_what_ended_or_is_not_known_yet_is_not_taken_up(bench, parked):
    await bench.settle(parked)

    await Runner(bench.desk).catch_up()

    assert await bench.desk.ledger.next_due() is None


async def test_a_job_whose_callback_found_nobody_is_looked_at_at_a_start(story, bench):
    bench.node.settings.change(web_hook="never")
    bench.desk = replace(bench.desk, callback="http://127.0.0.1:9/zstack/jobs")
    first = await story.to("follow.1", "db-02")
    await bench.desk.ledger.called(first.job_uuid)
    await bench.settle(first)
    second = await bench.accept(
        "DetachIsoFromVmInstance", vm_instance_uuid="web-01", key="k2"
    )
    await bench.settle(second, until="send.1")
    (claimed,) = await bench.desk.ledger.claim(1)
    await bench.runner.advance(claimed)
    assert await bench.desk.ledger.next_due() == 30

    await Runner(bench.desk).catch_up()

    assert await bench.desk.ledger.next_due() == 0


async def test_a_way_that_the_state_machine_does_not_have_is_not_taken(bench):
    row = await bench.accept("DetachIsoFromVmInstance", vm_instance_uuid="web-01")

    with pytest.raises(ValueError, match=r"decide\.1 does not lead to send\.1"):
        _checked(row, Next("send.1"))
