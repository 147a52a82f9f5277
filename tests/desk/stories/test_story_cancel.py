"""Taking back a command: before it is sent, or not at all."""

import pytest

from desk.ledger import CANCELLABLE
from desk.machine import STEPS
from desk.notice import Outcome, Slot
from tests.desk.conftest import ALICE, BOB


async def cancel(bench, row, person=ALICE):
    """Ask for it, and see what becomes of the asking."""
    asked = await bench.accept("cancel", key="c", person=person, command_id=row.id)
    return await bench.settle(asked)


async def _to(story, step):
    if step == "read.1":
        row = await story.bench.accept("QueryVmInstance", show="web-01")
        return await story.bench.settle(row, until=step)
    if step == "approve.1":
        row = await story.bench.accept("DestroyVmInstance", uuid="web-01", reason="old")
        return await story.bench.settle(row, until=step)
    return await story.to(step, "db-01" if step == "ask.1" else "web-01")


async def held_at(story, step):
    """A command at `step` that a worker has just taken up."""
    if step == "login.1":
        await story.log_out()
    row = await _to(story, step)
    story.bench.clock.now += await story.bench.desk.ledger.next_due()
    (held,) = await story.bench.desk.ledger.claim(1)
    assert (held.id, held.step) == (row.id, step)
    return held


def test_what_can_be_cancelled_is_what_the_state_machine_says():
    ways = {step for step, it in STEPS.items() if "declined.1" in it.ways}

    assert ways == set(CANCELLABLE)


@pytest.mark.parametrize("step", CANCELLABLE)
async def test_what_was_not_sent_is_cancelled_even_when_a_worker_has_it(
    story, bench, step
):
    held = await held_at(story, step)

    asked = await cancel(bench, held)
    await bench.runner.advance(held)

    row = await bench.settle(held)
    assert asked.outcome is Outcome.SUCCEEDED
    assert (row.outcome, story.changes()) == (Outcome.REFUSED, 0)
    said = [n.title for n in bench.told.notices() if n.command_id == row.id]
    assert f"You cancelled “{row.words}”, so nothing was done" in said


async def test_what_was_sent_is_not_cancelled(story, bench, proven):
    row = await held_at(story, "send.1")
    await bench.runner.advance(row)

    asked = await cancel(bench, row)

    assert asked.outcome is Outcome.UNCHANGED
    assert "was sent to ZStack already" in bench.told.notices(Slot.PRIVATE)[-1].title
    proven(await bench.settle(row))


async def test_what_has_ended_is_not_cancelled_but_can_be_undone(bench):
    row = await bench.detach("web-01")

    await cancel(bench, row)

    told = bench.told.notices(Slot.PRIVATE)[-1]
    assert "has ended already" in told.title
    assert told.next_step == "Press Undo below its answer."


async def test_a_command_of_somebody_else_is_not_cancelled(story, bench, proven):
    row = await story.to("turn.1")

    asked = await cancel(bench, row, BOB)

    assert asked.outcome is Outcome.REFUSED
    proven(await bench.settle(row))


async def test_a_command_that_is_not_there_is_a_sentence(bench):
    row = await bench.accept("cancel", key="c", command_id="nothing")

    asked = await bench.settle(row)

    assert asked.outcome is Outcome.REFUSED
    assert bench.told.last.title.startswith("There is no command nothing.")


async def test_who_waits_behind_a_cancelled_command_is_next(story, bench):
    await story.to("follow.1")
    second = await bench.accept(
        "DetachIsoFromVmInstance", key="k2", vm_instance_uuid="web-01"
    )
    third = await bench.accept(
        "DetachIsoFromVmInstance", key="k3", vm_instance_uuid="web-01"
    )
    await bench.settle(second, until="turn.1")
    await bench.desk.ledger.cancel(await bench.desk.ledger.by_id(second.id))

    third = await bench.settle(third)

    assert third.outcome is Outcome.UNCHANGED
    second = await bench.desk.ledger.by_id(second.id)
    assert second.outcome is Outcome.REFUSED


async def test_a_command_that_waits_its_turn_has_a_button_to_cancel_it(story, bench):
    await story.to("follow.1")
    second = await bench.accept(
        "DetachIsoFromVmInstance", key="k2", vm_instance_uuid="web-01"
    )
    bench.node.faults.add("stuck-done", "DetachIso")
    for _ in range(4):
        for held in await bench.desk.ledger.claim(9):
            if held.id == second.id:
                await bench.runner.advance(held)
    await bench.carry()

    await story.press("Cancel")

    second = await bench.settle(second)
    assert second.outcome is Outcome.REFUSED
    assert story.answer.title.startswith("You cancelled")


async def test_a_cancel_counts_also_when_the_command_went_on_in_that_moment(
    story, bench
):
    seen = await story.to("turn.1")
    await story.bench.settle(seen, until="picture.1")

    assert await bench.desk.ledger.cancel(seen)

    row = await bench.settle(seen)
    assert (row.outcome, story.changes()) == (Outcome.REFUSED, 0)


async def test_a_cancel_that_comes_as_it_is_sent_is_too_late(story, bench, proven):
    seen = await story.to("send.1")
    await story.bench.settle(seen, until="follow.1")

    assert not await bench.desk.ledger.cancel(seen)

    proven(await bench.settle(seen))


async def test_a_cancel_that_is_carried_out_twice_says_the_same(story, bench):
    row = await story.to("turn.1")
    assert await bench.desk.ledger.cancel(row)

    assert await bench.desk.ledger.cancel(row)

    row = await bench.settle(row)
    assert await bench.desk.ledger.cancel(row)
    assert row.outcome is Outcome.REFUSED
