"""Several at once: one message, a row for each part, and the worst of their ends."""

import pytest

from desk.notice import Outcome, Slot


@pytest.fixture
async def both(story, bench):
    """The question which of two ISOs shall leave, answered with both."""
    row = await story.to("ask.1", "db-01")
    await bench.carry()
    await story.press("All 2")
    return row


async def test_all_isos_leave_one_after_the_other_in_one_message(story, bench, both):
    row = await bench.settle(both)

    children = await bench.desk.ledger.children(row.id)
    assert row.outcome is Outcome.SUCCEEDED
    assert [child.outcome for child in children] == [Outcome.SUCCEEDED] * 2
    assert len(bench.actions("db-01")) == 2
    assert bench.node.world.vm("db-01").uuid == row.resource_uuid
    assert story.posted(Slot.ANSWER) == 1
    assert story.answer.title.endswith(": 2 of 2 succeeded")
    assert [line[1] for line in story.answer.table] == ["Outcome"] + ["succeeded"] * 2


async def test_the_message_is_about_the_whole(story, bench, both):
    row = await bench.settle(both)

    answers = bench.told.notices(Slot.ANSWER)
    assert {one.command_id for one in answers} == {row.id}
    assert any(one.progress == "1 of 2 done" for one in answers)


async def test_every_part_can_be_undone(story, bench, both):
    await bench.settle(both)
    label = next(it for it in story.labels if it.startswith("Undo "))

    await story.press(label)
    await bench.settle(both)

    assert len(bench.actions("db-01")) == 3


async def test_the_worst_end_is_that_of_the_whole(story, bench, both):
    bench.node.faults.add("fail", "DetachIsoFromVmInstance", code="SYS.1006")

    row = await bench.settle(both)

    children = await bench.desk.ledger.children(row.id)
    assert {child.outcome for child in children} == {
        Outcome.FAILED,
        Outcome.SUCCEEDED,
    }
    assert row.outcome is Outcome.FAILED
    assert story.answer.error.code == "SYS.1006"
    assert story.posted(Slot.THREAD) == 1


async def test_parts_that_were_not_sent_are_cancelled_with_the_whole(
    story, bench, both
):
    row = await bench.settle(both, until="batch.1")
    asked = await bench.accept("cancel", key="c", command_id=row.id)
    asked = await bench.settle(asked, until="done.1")

    row = await bench.settle(row)

    assert asked.outcome is Outcome.SUCCEEDED
    assert (row.outcome, story.changes()) == (Outcome.REFUSED, 0)


async def test_the_history_shows_the_whole_and_not_its_parts(bench, both):
    await bench.settle(both)
    await bench.settle(await bench.accept("history", key="h"))

    assert len(bench.told.last.table) == 2


def test_the_worst_is_what_needs_a_person_most():
    ends = [one for one in Outcome if one.is_final]

    assert max(ends, key=lambda it: it.badness) is Outcome.UNKNOWN
    assert min(ends, key=lambda it: it.badness) is Outcome.SUCCEEDED
