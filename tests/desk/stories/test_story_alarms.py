"""Acknowledging what ZStack's own alarms told: an operation that is not on a VM."""

import pytest

from api.models import VmInstance
from desk.notice import Outcome, Slot
from desk.policy import Policy
from sandbox.zstack.records import fixed_uuid

ALARM, EVENT = fixed_uuid("alarm", "cpu"), fixed_uuid("alarm", "vm-stopped")
TOLD = "5" * 32


async def acknowledge(bench, **arguments):
    """Record an acknowledgement and see what becomes of it."""
    values = {"alarm_uuid": ALARM, "alert_data_uuid": TOLD} | arguments
    return await bench.settle(await bench.accept("AckAlarmData", **values))


async def test_an_alarm_is_acknowledged_and_the_proof_is_named(story, bench):
    row = await acknowledge(bench, ack_period_sec="600")

    (ack,) = bench.node.world.acks
    assert (row.outcome, row.resource_uuid) == (Outcome.SUCCEEDED, TOLD)
    assert (ack.alert_data_uuid, ack.ack_period, ack.alert_type) == (TOLD, 600, "alarm")
    assert story.answer.title == "Acknowledged alarm 55555555"
    assert story.answer.lines == ("ZStack's job said so; it shows this nowhere else.",)


async def test_an_event_is_acknowledged(bench):
    row = await bench.accept(
        "AckEventData", event_subscription_uuid=EVENT, alert_data_uuid=TOLD
    )

    assert (await bench.settle(row)).outcome is Outcome.SUCCEEDED
    assert [ack.alert_type for ack in bench.node.world.acks] == ["event"]


async def test_what_zstack_refuses_is_told_in_its_words(story, bench):
    row = await acknowledge(bench, alarm_uuid="0" * 32)

    assert (row.outcome, row.error.code) == (Outcome.FAILED, "SYS.1003")
    assert story.answer.title == "Could not acknowledge alarm 55555555"


@pytest.mark.parametrize("fault", ["drop-reply", "drop", "lost"])
async def test_a_lost_answer_is_found_out_about_and_ends_well(bench, fault):
    bench.node.faults.add(fault, "AckAlarmData")

    row = await acknowledge(bench)

    assert row.outcome in {Outcome.SUCCEEDED, Outcome.UNKNOWN}
    assert (row.outcome is Outcome.UNKNOWN) == (fault == "lost")
    assert len(bench.node.world.acks) == 1


async def test_a_job_that_is_never_heard_of_again_is_not_called_done(story, bench):
    bench.node.faults.add("lost", "AckAlarmData")

    await acknowledge(bench)

    (answer, call) = (story.answer, bench.told.notices(Slot.THREAD)[-1])
    assert answer.lines == ("Only its job could have told.",)
    assert answer.title == call.title
    assert answer.card is None


async def test_what_is_no_vm_is_not_looked_for_among_vms(bench):
    row = await acknowledge(bench)

    asked = [it.api for it in bench.node.log.received if it.api]
    assert "QueryVmInstance" not in asked
    assert not isinstance(row.after, VmInstance)


async def test_a_policy_that_became_stricter_before_it_is_sent_holds(bench):
    row = await bench.accept("AckAlarmData", alarm_uuid=ALARM, alert_data_uuid=TOLD)
    row = await bench.settle(row, until="picture.1")
    bench.people.policy = Policy(rules=())

    row = await bench.settle(row)

    assert row.outcome is Outcome.REFUSED
    assert bench.node.world.acks == []
