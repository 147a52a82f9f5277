"""What happens at the same moment, or in the moment before it was expected."""

from desk.errors import Undeliverable
from desk.notice import Notice, Slot
from desk.postman import Postman
from tests.desk.conftest import PLACE


async def test_a_login_since_the_send_spares_the_person_another(story, bench, proven):
    row = await story.to("send.1")
    first = row.job_uuid
    bench.node.sessions.expire_all()
    await bench.settle(row, until="follow.1")
    await bench.log_in()

    row = await bench.settle(row)

    proven(row)
    assert row.job_uuid != first
    assert [one for one in bench.told.notices() if one.link] == []


async def test_a_session_that_ended_is_asked_for_once_per_session(story, bench):
    await bench.settle(await story.to("send.1"), until="send.1")
    bench.node.sessions.expire_all()

    row = await bench.settle(await bench.desk.ledger.by_key("k1"))

    assert row.step == "login.1"
    assert row.memo.session
    assert len([one for one in bench.told.notices() if one.link]) == 1


async def test_a_look_that_fails_for_a_moment_does_not_end_a_lost_send(
    story, bench, proven
):
    bench.node.faults.add("drop", "DetachIsoFromVmInstance")
    row = await story.to("sent.1")
    bench.node.faults.add("proxy", "QueryVmInstance", count=2)

    row = await bench.settle(row)

    proven(row)
    assert row.memo.resends == 1


async def test_a_state_that_cannot_be_told_does_not_take_the_next_with_it(bench):
    outbox, told = bench.desk.outbox, bench.told
    said = Notice(slot=Slot.ANSWER, command_id="c", title="Too long to be told")
    await outbox.tell(PLACE, said)
    (under_way,) = await outbox.claim(1)
    await outbox.tell(PLACE, said.model_copy(update={"title": "Done"}))
    told.faults = [Undeliverable("msg_too_long")]

    await Postman(outbox, told).carry(under_way)
    await bench.carry()

    assert [one.title for one in told.notices()] == ["Done"]


async def test_a_bug_in_delivery_is_tried_again_and_ends_after_a_day(bench):
    outbox, told = bench.desk.outbox, bench.told
    said = Notice(slot=Slot.PRIVATE, command_id="c", title="Hello")
    await outbox.tell(PLACE, said)
    told.faults = [KeyError("ts")] * 3
    await bench.carry()
    bench.clock.now += 3
    await bench.carry()
    bench.clock.now += 86_401
    await bench.carry()

    assert told.faults == []
    assert await bench.desk.outbox.notices("c") == [(said, False)]
    assert await outbox.claim(1) == []


async def test_the_job_is_in_the_file_before_the_first_byte_is_sent(story, bench):
    row = await story.to("send.1")

    assert row.job_uuid
    assert await bench.desk.ledger.knows(row.job_uuid)
    assert [one.method for one in bench.node.log.received if one.job_uuid] == []
