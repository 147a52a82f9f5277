"""Messages reach the state that they shall have, at least once."""

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from desk import tables
from desk.errors import Undeliverable
from desk.notice import Notice, Slot
from desk.outbox import KEPT, LEASE
from desk.postman import Postman, backoff
from desk.vault import Vault
from tests.desk.conftest import KEY, PLACE


def notice(title, slot=Slot.ANSWER, command_id="c1"):
    return Notice(slot=slot, command_id=command_id, title=title)


@pytest.fixture
def outbox(bench):
    return bench.desk.outbox


@pytest.fixture
def told(bench):
    return bench.told


async def rows(bench, *columns):
    async with bench.desk.store.read() as connection:
        return (await connection.execute(select(*columns))).all()


async def later(bench, seconds):
    bench.clock.now += seconds
    await bench.carry()


async def test_a_message_is_posted_once_and_then_edited(bench, outbox, told):
    for title in ("Running", "Done"):
        await outbox.tell(PLACE, notice(title))
        await bench.carry()

    assert [(one.title, receipt) for _, one, receipt in told.said] == [
        ("Running", None),
        ("Done", {"ts": "1"}),
    ]


async def test_only_the_newest_state_is_told(bench, outbox, told):
    await outbox.tell(PLACE, notice("Running"))
    await outbox.tell(PLACE, notice("Done"))

    await bench.carry()

    assert [one.title for one in told.notices()] == ["Done"]


async def test_a_newer_state_wins_while_the_older_is_being_delivered(
    bench, outbox, told
):
    await outbox.tell(PLACE, notice("Running"))
    (under_way,) = await outbox.claim(1)
    await outbox.tell(PLACE, notice("Done"))

    await Postman(outbox, told).carry(under_way)
    await bench.carry()

    assert [one.title for one in told.notices()] == ["Running", "Done"]
    assert told.said[-1][2] == {"ts": "1"}


@pytest.mark.parametrize("slot", [Slot.THREAD, Slot.PRIVATE, Slot.DIRECT])
async def test_other_messages_are_each_their_own(bench, outbox, told, slot):
    await outbox.tell(PLACE, notice("Running"))
    await outbox.tell(PLACE, notice("one", slot))
    await outbox.tell(PLACE, notice("two", slot))

    await bench.carry()

    assert [one.title for one in told.notices(slot)] == ["one", "two"]


async def test_messages_are_handed_out_oldest_first(bench, outbox):
    for command_id in ("c1", "c2", "c3"):
        bench.clock.now += 1
        await outbox.tell(PLACE, notice("Running", command_id=command_id))

    claims = [*await outbox.claim(2), *await outbox.claim(2)]

    assert [message.command_id for message in claims] == ["c1", "c2", "c3"]


async def test_a_message_whose_postman_died_is_carried_by_another(bench, outbox, told):
    await outbox.tell(PLACE, notice("Done"))
    await outbox.claim(1)
    await bench.carry()
    assert not told.said

    await later(bench, LEASE + 1)

    assert told.last.title == "Done"


async def test_what_was_said_is_listed_with_whether_it_was_told(bench, outbox):
    await outbox.tell(PLACE, notice("Running"))
    await bench.carry()
    bench.clock.now += 1
    await outbox.tell(PLACE, notice("Help", Slot.THREAD))

    listed = [(one.title, is_told) for one, is_told in await outbox.notices("c1")]

    assert listed == [("Running", True), ("Help", False)]


async def test_a_message_waits_longer_after_each_failure(bench, outbox, told):
    await outbox.tell(PLACE, notice("Done"))
    told.faults = [Undeliverable("busy", retry_after=0) for _ in range(2)]

    await bench.carry()
    await later(bench, 1)
    await later(bench, 1)
    assert not told.said

    await later(bench, 1)
    assert told.last.title == "Done"


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [(30, 30), (0.5, 1), (99_999, 3600)],
    ids=["obeyed", "our own is longer", "absurd"],
)
async def test_slacks_wish_to_wait_is_obeyed_within_reason(
    bench, outbox, told, asked, seconds
):
    await outbox.tell(PLACE, notice("Done"))
    told.faults = [Undeliverable("busy", retry_after=asked)]
    await bench.carry()

    await later(bench, seconds - 0.25)
    assert not told.said
    await later(bench, 0.5)
    assert told.said


async def test_a_message_that_can_never_arrive_is_given_up(bench, outbox, told):
    await outbox.tell(PLACE, notice("Done"))
    told.faults = [Undeliverable("account_inactive")]

    await bench.carry()
    await later(bench, KEPT)

    assert not told.said
    assert await rows(bench, tables.message.c.gave_up) == [(True,)]


async def test_a_message_is_given_up_after_a_day(bench, outbox, told):
    await outbox.tell(PLACE, notice("Done"))
    told.faults = [Undeliverable("busy", retry_after=60)] * 2

    await bench.carry()
    await later(bench, KEPT)

    assert not told.faults
    assert await rows(bench, tables.message.c.gave_up) == [(True,)]


async def test_a_newer_state_is_tried_after_the_older_was_given_up(bench, outbox, told):
    await outbox.tell(PLACE, notice("Running"))
    told.faults = [Undeliverable("account_inactive")]
    await bench.carry()

    await outbox.tell(PLACE, notice("Done"))
    await bench.carry()

    assert told.last.title == "Done"
    assert await rows(bench, tables.message.c.gave_up) == [(False,)]


async def test_a_thread_waits_for_the_answer_above_it(bench, outbox, told):
    await outbox.tell(PLACE, notice("Look here", Slot.THREAD))
    await bench.carry()
    assert not told.said

    await outbox.tell(PLACE, notice("Done"))
    await bench.carry()
    await later(bench, 1)

    assert [one.slot for one in told.notices()] == [Slot.ANSWER, Slot.THREAD]


async def test_one_unreadable_message_does_not_stop_the_others(bench, outbox, told):
    await outbox.tell(PLACE, notice("Lost"))
    async with bench.desk.store.write() as connection:
        await connection.execute(update(tables.message).values(notice="garbage"))
    await outbox.tell(PLACE, notice("Done", command_id="c2"))

    await bench.carry()

    assert [one.title for one in told.notices()] == ["Done"]
    assert await outbox.notices("c1") == []


async def test_a_message_without_a_readable_place_is_given_up(bench, outbox, told):
    await outbox.tell(PLACE, notice("Lost"))
    elsewhere = Vault([KEY]).seal("another command", PLACE)
    async with bench.desk.store.write() as connection:
        await connection.execute(update(tables.message).values(place=elsewhere))

    await bench.carry()

    assert not told.said
    assert await rows(bench, tables.message.c.gave_up, tables.message.c.due) == [
        (True, None)
    ]


async def test_neither_the_words_nor_the_place_can_be_read_in_the_table(bench, outbox):
    await outbox.tell(PLACE, notice("https://bot/login/secret-ticket"))

    (row,) = await rows(bench, tables.message)
    assert "secret" not in str(row)


@pytest.mark.parametrize(
    ("attempts", "seconds"),
    [(0, 1), (1, 2), (5, 32), (8, 256), (9, 300), (10_000, 300)],
)
def test_the_pause_doubles_up_to_five_minutes(attempts, seconds):
    assert backoff(attempts) == seconds


async def test_a_bug_in_the_delivery_is_logged_and_tried_again(bench, outbox, told):
    await outbox.tell(PLACE, notice("Done"))
    told.faults = [LookupError("of ours")]

    with capture_logs() as logs:
        await bench.carry()
    assert logs[0]["event"] == "delivery_failed"

    await later(bench, 1)
    assert told.last.title == "Done"
