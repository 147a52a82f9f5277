"""When a message is tried again, for how long, and when it is given up."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import select
from structlog.testing import capture_logs

from desk import tables
from desk.errors import NotYet, Undeliverable
from desk.notice import Notice, Slot
from desk.postman import TRIES, Postman, backoff
from tests.desk.conftest import PLACE

DONE = Notice(slot=Slot.ANSWER, command_id="c1", title="Done")
DAY = 86_400


def busy(seconds=0):
    return Undeliverable("busy", retry_after=seconds)


@pytest.fixture
async def told(bench):
    """Where the one message of this test arrives."""
    await bench.desk.outbox.tell(PLACE, DONE)
    return bench.told


@pytest.fixture
def later(bench):
    """Deliver what is due so many seconds from now; what was logged."""

    async def later(seconds):
        bench.clock.now += seconds
        with capture_logs() as logs:
            await bench.carry()
        return [(it["log_level"], it["event"]) for it in logs]

    return later


@pytest.fixture
def row(bench):
    async def row(*columns):
        async with bench.desk.store.read() as connection:
            return (await connection.execute(select(*columns))).one()

    return row


@given(some.integers(0, 10_000))
def test_no_pause_is_shorter_than_the_one_before_or_longer_than_five_minutes(tries):
    assert 1 <= backoff(tries) <= backoff(tries + 1) <= 300


def test_a_day_takes_few_tries_and_is_a_day():
    pauses = [backoff(tries) for tries in range(TRIES)]

    assert DAY <= sum(pauses) < DAY + 300
    assert TRIES < 300


async def test_a_message_waits_longer_after_each_failure(told, later):
    told.faults = [busy(), busy()]

    await later(0)
    await later(1)
    await later(1)
    assert not told.said

    await later(1)
    assert told.last == DONE


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [(30, 30), (0.5, 1), (99_999, 3600)],
    ids=["obeyed", "our own is longer", "absurd"],
)
async def test_slacks_wish_to_wait_is_obeyed_within_reason(told, later, asked, seconds):
    told.faults = [busy(asked)]
    await later(0)

    await later(seconds - 0.25)
    assert not told.said
    await later(0.5)
    assert told.said


async def test_a_message_that_can_never_arrive_is_given_up_aloud(told, later, row):
    told.faults = [Undeliverable("user_disabled")]

    assert await later(0) == [("error", "answer_undeliverable")]

    assert await row(tables.message.c.gave_up, tables.message.c.due) == (True, None)


async def test_a_message_is_given_up_aloud_after_a_day_of_tries(told, later, row):
    told.faults = [busy() for _ in range(TRIES + 1)]

    logs = [await later(backoff(tries)) for tries in range(TRIES + 1)]

    assert logs[-2:] == [
        [("warning", "answer_delayed")],
        [("error", "answer_undeliverable")],
    ]
    assert await row(tables.message.c.gave_up) == (True,)


async def test_an_outcome_is_tried_at_once_although_the_words_before_it_wait(
    bench, told, later
):
    told.faults = [busy(600)]
    await later(0)

    await bench.desk.outbox.tell(PLACE, DONE.model_copy(update={"title": "New"}))

    await later(0)
    assert told.last.title == "New"


async def test_a_message_whose_turn_has_not_come_has_not_failed(told, later, row):
    told.faults = [NotYet(10) for _ in range(3)]

    logs = [await later(10) for _ in range(3)]

    assert logs == [[], [], []]
    assert await row(tables.message.c.attempts) == (0,)
    await later(9)
    assert not told.said
    await later(1)
    assert told.said


async def test_a_bug_in_the_delivery_is_logged_and_tried_again(told, later):
    told.faults = [LookupError("of ours")]

    assert ("error", "delivery_failed") in await later(0)

    await later(3)
    assert told.last == DONE


async def test_a_delivery_that_hangs_ends_before_its_lease(bench, told, row):
    class Hangs:
        async def deliver(self, *_):
            await asyncio.Event().wait()

    (message,) = await bench.desk.outbox.claim(1)
    soon = asyncio.get_running_loop().time() + 0.01

    await Postman(bench.desk.outbox, Hangs()).carry(
        message.model_copy(update={"until": soon})
    )

    box = tables.message.c
    assert await row(box.claim, box.attempts) == (None, 1)
    assert (await row(box.tried_at))[0] == bench.clock.now


async def test_who_was_stopped_beyond_its_lease_says_nothing(bench, told):
    (message,) = await bench.desk.outbox.claim(1)

    await Postman(bench.desk.outbox, told).carry(
        message.model_copy(update={"until": 0.0})
    )

    assert not told.knew
