"""Commands on one VM run one after another, in the order accepted."""

from dataclasses import replace

import pytest

from desk.command import Next
from desk.notice import Outcome, Slot
from tests.desk.conftest import BOB

ATTACH = "AttachIsoToVmInstance"


async def _accept(bench, key, vm="web-01", **more):
    return await bench.accept(
        "DetachIsoFromVmInstance", vm_instance_uuid=vm, key=key, **more
    )


async def _alone(bench, row, until):
    """Advance `row` alone, as if whoever works on the others were slow."""
    ledger = bench.desk.ledger
    for _ in range(9):
        for held in await ledger.claim(9):
            if held.id == row.id:
                await bench.runner.advance(held)
            else:
                await ledger.commit(held, Next(held.step))
        row = await ledger.by_id(row.id)
        if row.step == until:
            break
    return row


async def _to(bench, row, step):
    return await bench.settle(row, until=step)


async def test_a_command_waits_until_the_one_before_it_on_the_vm_is_done(story, bench):
    first = await story.to("follow.1")
    second = await bench.accept(
        ATTACH, vm_instance_uuid="web-01", iso_uuid="rescue.iso", key="k2"
    )

    second = await _to(bench, second, "picture.1")

    assert (await bench.desk.ledger.by_id(first.id)).outcome is Outcome.SUCCEEDED
    second = await bench.settle(second)
    assert second.outcome is Outcome.SUCCEEDED
    assert second.before.iso_uuids == ()


async def test_who_waits_is_told_once_in_the_message_that_then_tells_the_end(
    story, bench
):
    await story.to("follow.1")
    await bench.log_in(BOB)
    second = await _accept(bench, "k2", person=BOB)
    await _alone(bench, second, "turn.1")
    await _alone(bench, second, "done.1")
    await bench.carry()

    second = await bench.settle(second)

    said = [n for n in bench.told.notices(Slot.ANSWER) if n.command_id == second.id]
    assert [one.title for one in said if one.outcome is Outcome.ACCEPTED] == [
        f"{second.words}: waits for another command on web-01 to end"
    ]
    assert said[-1].outcome is Outcome.UNCHANGED
    assert story.posted(Slot.ANSWER) == 2


async def test_who_reads_that_it_waits_for_its_turn_reads_too_that_it_waits_for_an_answer(
    story, bench
):
    await bench.settle(await _accept(bench, "k1", "db-01"), until="turn.1")
    second = await _accept(bench, "k2", "db-01")
    await _alone(bench, second, "nowhere")

    second = await bench.settle(second)

    said = [it for it in bench.told.notices(Slot.ANSWER) if it.command_id == second.id]
    assert second.step == "ask.1"
    assert said[0].title == f"{second.words}: waits for another command on db-01 to end"
    assert said[-1].title == (
        f"{second.words}: waiting for an answer to a question, which only its asker sees"
    )


async def test_many_on_one_vm_run_in_the_order_accepted(bench):
    rows = []
    for number in range(5):
        bench.clock.now += 1
        rows.append(await _accept(bench, f"k{number}"))

    await bench.settle(rows[-1])

    ended = [await bench.desk.ledger.by_id(row.id) for row in rows]
    starts = [row.finished_at for row in ended]
    assert starts == sorted(starts)
    assert [row.outcome for row in ended] == [Outcome.SUCCEEDED] + [
        Outcome.UNCHANGED
    ] * 4


async def test_an_earlier_command_by_another_name_of_the_vm_goes_first(bench):
    vm = bench.node.world.vm("web-01")
    early = await _accept(bench, "k1", vm=vm.nics[0].ip)
    bench.clock.now += 1
    late = await _accept(bench, "k2", vm=vm.uuid)
    await _alone(bench, late, "turn.1")

    late = await _alone(bench, late, "picture.1")

    assert late.step == "turn.1"
    await bench.settle(early)
    assert (await bench.desk.ledger.by_id(early.id)).outcome is Outcome.SUCCEEDED
    assert (await bench.desk.ledger.by_id(late.id)).outcome is Outcome.UNCHANGED


async def test_commands_on_other_vms_do_not_wait(story, bench):
    first = await story.to("follow.1")
    other = await _accept(bench, "k2", vm="db-02")

    other = await _alone(bench, other, "picture.1")

    assert other.step == "picture.1"
    assert (await bench.desk.ledger.by_id(first.id)).step == "follow.1"


async def test_who_is_asked_something_keeps_nobody_waiting(story, bench):
    asked = await story.to("ask.1", "db-01")
    second = await bench.accept(
        ATTACH, vm_instance_uuid="db-01", iso_uuid="windows.iso", key="k2"
    )

    second = await bench.settle(second)

    assert second.outcome.is_final
    assert (await bench.desk.ledger.by_id(asked.id)).step == "ask.1"


async def test_of_two_that_take_the_same_turn_one_waits(bench):
    rows = [await _accept(bench, "k1"), await _accept(bench, "k2")]
    for row in rows:
        await _to(bench, row, "turn.1")
    ledger = bench.desk.ledger
    uuid = bench.node.world.vm("web-01").uuid
    bench.clock.now += 60
    claimed = await ledger.claim(9)
    taking = Next("picture.1", changes={"turn": uuid})

    done = [await ledger.commit(row, taking) for row in claimed]

    assert all(done)
    steps = {(await ledger.by_id(row.id)).step for row in rows}
    assert steps == {"picture.1", "turn.1"}


async def test_a_row_that_no_version_understands_gives_its_turn_away(story, bench):
    row = await story.to("send.1")
    bench.clock.now += 1
    (held,) = await bench.desk.ledger.claim(1)
    await bench.desk.ledger.commit(held, Next("juggle.7"))
    second = await _accept(bench, "k2")

    second = await bench.settle(second)

    assert second.outcome is Outcome.SUCCEEDED
    assert (await bench.desk.ledger.by_id(row.id)).step == "juggle.7"


@pytest.fixture
def listening(bench):
    """A bot that asks ZStack to call; that it has is up to the test."""
    bench.node.settings.change(web_hook="never")
    bench.desk = replace(bench.desk, callback="http://127.0.0.1:9/zstack/jobs")


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize("ago", [1, 601], ids=["lately", "long ago"])
async def test_jobs_are_looked_at_seldom_while_zstack_calls_back(story, bench, ago):
    called = await story.to("follow.1", "db-02")
    await bench.desk.ledger.called(called.job_uuid)
    await bench.settle(called)
    bench.clock.now += ago
    row = await _accept(bench, "k2")
    row = await _alone(bench, row, "follow.1")

    pause = row.due - bench.clock.now

    assert round(pause, 3) == (30 if ago == 1 else 0.008)


async def test_a_look_that_fails_after_zstack_called_is_soon_repeated(story, bench):
    row = await story.to("follow.1")
    await bench.desk.ledger.called(row.job_uuid)
    bench.node.faults.add("drop", "api-jobs", count=3)  # as often as a read is tried
    bench.clock.now += 1
    (claimed,) = await bench.desk.ledger.claim(1)

    await bench.runner.advance(claimed)

    row = await bench.desk.ledger.by_id(row.id)
    assert (row.step, row.due - bench.clock.now <= 1) == ("follow.1", True)


@pytest.mark.usefixtures("listening")
async def test_a_deadline_is_not_slept_through_while_zstack_calls_back(story, bench):
    called = await story.to("follow.1", "db-02")
    await bench.desk.ledger.called(called.job_uuid)
    await bench.settle(called)
    bench.node.settings.change(api_timeout_seconds=2)
    bench.desk = replace(bench.desk, job_margin=0)
    row = await _accept(bench, "k2")

    row = await _alone(bench, row, "follow.1")

    assert row.due == row.deadline
