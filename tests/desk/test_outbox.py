"""Messages reach the state that they shall have, at least once."""

import pytest
from sqlalchemy import select, update

from desk import tables
from desk.deliver import Known
from desk.errors import NotYet, Undeliverable
from desk.notice import Notice, Slot
from desk.outbox import LEASE
from desk.postman import Postman
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
    bench.clock.now += 1
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

    began = bench.clock.now
    await later(bench, LEASE + 1)

    assert told.last.title == "Done"
    assert told.knew == [Known(tried_at=began)]


async def test_what_may_have_got_through_gets_three_seconds_to_be_seen(
    bench, outbox, told
):
    await outbox.tell(PLACE, notice("Running"))
    told.faults = [Undeliverable("reset", retry_after=1, may_stand=True)]
    await bench.carry()

    await outbox.tell(PLACE, notice("Done"))
    await later(bench, 2.9)
    assert not told.said

    await later(bench, 0.1)
    assert told.last.title == "Done"


async def test_who_comes_back_after_its_lease_spoils_nothing(bench, outbox, told):
    await outbox.tell(PLACE, notice("Done"))
    (lost,) = await outbox.claim(1)
    bench.clock.now += LEASE + 1
    (held,) = await outbox.claim(1)

    await outbox.told(lost, {"ts": "lost"})
    await outbox.postpone(lost, None, may_stand=False)
    await outbox.told(held, {"ts": "held"})

    box = tables.message.c
    assert await rows(bench, box.receipt, box.gave_up) == [({"ts": "held"}, False)]


@pytest.mark.parametrize(
    ("faults", "remembered"),
    [
        pytest.param([], [None], id="first"),
        pytest.param(["no"], [None, None], id="not posted"),
        pytest.param(["perhaps"], [None, 0], id="perhaps posted"),
        pytest.param(["perhaps", "no"], [None, 0, 0], id="not posted again"),
        pytest.param(["perhaps", "perhaps"], [None, 0, 3], id="perhaps twice"),
        pytest.param(["perhaps", "later"], [None, 0, 0], id="held back after it"),
        pytest.param(["bug"], [None, 0], id="a bug of ours"),
    ],
)
async def test_the_next_try_knows_whether_an_earlier_one_may_have_got_through(
    bench, outbox, told, faults, remembered
):
    kinds = {
        "no": Undeliverable("busy", retry_after=1),
        "perhaps": Undeliverable("reset", retry_after=1, may_stand=True),
        "later": NotYet(2),
        "bug": LookupError("of ours"),
    }
    told.faults = [kinds[fault] for fault in faults]
    await outbox.tell(PLACE, notice("Done"))
    began = bench.clock.now

    await bench.carry()
    for seconds in (3, 3):
        await later(bench, seconds)

    known = [it.tried_at and it.tried_at - began for it in told.knew]
    assert known == remembered
    assert await rows(bench, tables.message.c.tried_at) == [(None,)]


async def test_what_was_said_is_listed_with_whether_it_was_told(bench, outbox):
    await outbox.tell(PLACE, notice("Running"))
    await bench.carry()
    bench.clock.now += 1
    await outbox.tell(PLACE, notice("Help", Slot.THREAD))

    listed = [(one.title, is_told) for one, is_told in await outbox.notices("c1")]

    assert listed == [("Running", True), ("Help", False)]


async def test_a_newer_state_is_tried_after_the_older_was_given_up(bench, outbox, told):
    await outbox.tell(PLACE, notice("Running"))
    told.faults = [Undeliverable("account_inactive")]
    await bench.carry()

    await outbox.tell(PLACE, notice("Done"))
    await bench.carry()

    assert told.last.title == "Done"
    assert await rows(bench, tables.message.c.gave_up) == [(False,)]


async def test_a_thread_waits_for_the_answer_above_it(bench, outbox, told):
    await outbox.tell(PLACE, notice("Done"))
    await outbox.tell(PLACE, notice("Look here", Slot.THREAD))
    told.faults = [Undeliverable("busy", retry_after=1)]
    await bench.carry()
    assert not told.said

    await later(bench, 1)

    assert [one.slot for one in told.notices()] == [Slot.ANSWER, Slot.THREAD]
    assert told.knew[-1].anchor == {"ts": "1"}


async def test_a_thread_without_an_answer_above_it_does_not_wait(bench, outbox, told):
    await outbox.tell(PLACE, notice("Done"))
    await outbox.tell(PLACE, notice("Look here", Slot.THREAD))
    told.faults = [Undeliverable("account_inactive")]

    await bench.carry()

    assert [one.slot for one in told.notices()] == [Slot.THREAD]
    assert told.knew[-1].anchor is None


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
