"""Progress is told rarely and outcomes at once, however many replicas there are."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from desk.errors import Undeliverable
from desk.notice import Notice, Outcome, Slot
from desk.outbox import Outbox
from desk.progress import A_MINUTE, SPACING, spend
from desk.vault import Vault
from tests.desk.conftest import KEY, PLACE


def running(progress=None, command_id="c1"):
    title = progress or "Started"
    return Notice(
        slot=Slot.ANSWER,
        command_id=command_id,
        title=title,
        progress=progress,
        outcome=Outcome.RUNNING,
    )


def done(command_id="c1"):
    return Notice(
        slot=Slot.ANSWER,
        command_id=command_id,
        title="Done",
        progress="100 %",
        outcome=Outcome.SUCCEEDED,
    )


@pytest.fixture
def say(bench):
    """Say something so many seconds from now, and deliver what may go."""

    async def say(*notices, after=0):
        bench.clock.now += after
        for notice in notices:
            await bench.desk.outbox.tell(PLACE, notice)
        before = len(bench.told.said)
        await bench.carry()
        return [one.title for one in bench.told.notices()[before:]]

    return say


@pytest.fixture
async def many(say):
    """More commands that run than a minute has room for."""
    names = [f"c{number:02}" for number in range(A_MINUTE + 10)]
    for name in names:
        await say(running(command_id=name), after=0.001)
    return names


@given(
    some.lists(some.tuples(some.floats(0, 70), some.integers(0, 50)), max_size=30),
)
def test_no_minute_has_more_progress_than_it_has_room_for(asked):
    spent, granted, now = [], [], 1e9
    for seconds, wanted in asked:
        now += seconds
        before = spent.count(now)
        spent = spend(spent, wanted, now)
        granted += [now] * (spent.count(now) - before)

    for at in granted:
        assert len([it for it in granted if at - 60 < it <= at]) <= A_MINUTE


def test_all_room_of_a_minute_can_be_used():
    assert len(spend([], 100, 1e9)) == A_MINUTE
    assert spend([1e9] * A_MINUTE, 100, 1e9 + 60) == [1e9 + 60] * A_MINUTE


async def test_a_message_that_starts_with_progress_is_posted_at_once(say):
    assert await say(running("1 %")) == ["1 %"]


async def test_progress_of_one_message_is_told_every_five_seconds(say):
    await say(running())

    told = [await say(running(f"{second} %"), after=1) for second in range(1, 13)]

    assert [titles for titles in told if titles] == [["1 %"], ["6 %"], ["11 %"]]


async def test_progress_that_had_to_wait_is_told_later(say):
    await say(running())
    await say(running("1 %"))
    assert await say(running("2 %"), after=1) == []

    assert await say(after=SPACING - 1) == ["2 %"]


async def test_an_outcome_takes_the_place_of_progress_that_waits(say):
    await say(running())
    await say(running("1 %"))
    await say(running("2 %"))

    assert await say(done()) == ["Done"]
    assert await say(after=SPACING) == []


async def test_a_minute_has_room_for_forty_edits_of_all_messages(say, many):
    first = await say(*(running("1 %", name) for name in many))
    assert len(first) == A_MINUTE

    assert await say(after=59) == []
    assert len(await say(after=1)) == len(many) - A_MINUTE


async def test_an_outcome_goes_at_once_when_the_minute_has_no_room(say, many):
    await say(*(running("1 %", name) for name in many))

    assert await say(done(many[-1])) == ["Done"]


async def test_who_has_heard_nothing_for_longest_is_told_first(say, many):
    await say(*(running(f"{name} 1 %", name) for name in many))

    told = await say(*(running(f"{name} 2 %", name) for name in many), after=60)

    late = len(many) - A_MINUTE
    assert told[:late] == [f"{name} 2 %" for name in many[A_MINUTE:]]


async def test_outcomes_are_handed_out_before_progress(bench, say):
    await say(running(command_id="old"), running(command_id="new"))
    for notice in (running("1 %", "old"), done("new")):
        await bench.desk.outbox.tell(PLACE, notice)

    claimed = await bench.desk.outbox.claim(8)

    assert [message.command_id for message in claimed] == ["new", "old"]


async def test_half_of_the_hands_are_left_for_outcomes(bench, many):
    for name in many:
        await bench.desk.outbox.tell(PLACE, running("1 %", name))

    claimed = [len(await bench.desk.outbox.claim(free)) for free in (8, 4, 2, 1)]

    assert claimed == [4, 2, 1, 0]


async def test_replicas_share_the_room_of_a_minute(bench, many):
    other = Outbox(bench.desk.store, Vault([KEY]))
    for name in many:
        await other.tell(PLACE, running("1 %", name))

    claimed = [len(await box.claim(60)) for box in (bench.desk.outbox, other)]

    assert claimed == [30, 10]


async def test_progress_does_not_hurry_a_message_that_waits_to_be_tried_again(
    bench, say
):
    await say(running())
    bench.told.faults = [Undeliverable("busy", retry_after=60)]
    await say(running("1 %"))

    assert await say(running("2 %"), after=SPACING) == []
    assert await say(after=60 - SPACING) == ["2 %"]
