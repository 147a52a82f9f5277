"""A network, a proxy and a management node that let us down."""

import pytest

from desk import audit
from desk.machine import STEPS
from desk.notice import Outcome, Slot
from desk.steps.send import JOB_TIMEOUT, PATIENCE, RESEND_WITHIN
from sandbox.server import serve

DETACH = "DetachIsoFromVmInstance"


def _sent(bench):
    return [one.job_uuid for one in bench.node.log.received if one.api == DETACH]


@pytest.mark.parametrize("kind", ["drop", "error", "proxy"])
async def test_a_request_that_was_not_processed_is_sent_again_once(bench, proven, kind):
    bench.node.faults.add(kind, DETACH)

    proven(await bench.detach("web-01"))

    first, second = _sent(bench)
    assert first == second


@pytest.mark.parametrize("kind", ["drop-reply", "proxy-reply"])
async def test_a_reply_that_was_lost_is_found_at_the_job(bench, proven, kind):
    bench.node.faults.add(kind, DETACH)

    proven(await bench.detach("web-01"))

    assert len(_sent(bench)) == 1


@pytest.mark.parametrize("kind", ["slow", "slow-reply"])
async def test_a_slow_node_is_waited_for(bench, proven, kind):
    bench.node.faults.add(kind, DETACH, seconds=0.05)

    proven(await bench.detach("web-01"))

    assert len(_sent(bench)) == 1


async def test_a_lost_reply_of_a_refusal_is_a_failure(bench):
    bench.node.faults.add("drop-reply", DETACH)

    row = await bench.detach("migrating-01")

    assert row.outcome is Outcome.FAILED
    assert row.error.root.code == "VM.1010"


async def test_a_job_that_runs_yet_is_followed_after_a_lost_reply(story, bench, proven):
    bench.node.faults.add("proxy-reply", DETACH)
    row = await story.to("sent.1")
    bench.node.jobs.rows[row.job_uuid].status = 202

    row = await bench.settle(row, until="follow.1")

    bench.node.jobs.rows[row.job_uuid].status = 200
    proven(await bench.settle(row))


async def test_a_node_that_is_away_for_a_while_gets_the_request_later(
    story, bench, proven
):
    row = await story.to("send.1")
    with story.nobody_listens():
        for _ in range(5):
            bench.clock.now += 5
            (claimed,) = await bench.desk.ledger.claim(1)
            await bench.runner.advance(claimed)
    assert _sent(bench) == []

    proven(await bench.settle(row))


async def test_the_audit_has_tries_at_a_node_that_is_away_only_once(story, bench):
    await story.to("send.1")
    with story.nobody_listens():
        for _ in range(5):
            bench.clock.now += 5
            (claimed,) = await bench.desk.ledger.claim(1)
            await bench.runner.advance(claimed)

    assert len([it async for it in audit.links(bench.desk.store)]) == 1


async def test_a_node_that_stays_away_gets_nothing(story, bench):
    row = await story.to("send.1")

    with story.nobody_listens():
        row = await bench.settle(row)

    assert row.outcome is Outcome.FAILED
    assert "nothing was sent" in story.answer.title
    assert row.finished_at - row.started_at >= PATIENCE
    assert (await bench.settle(row)).outcome is Outcome.FAILED
    assert _sent(bench) == []


async def test_a_node_that_is_away_from_the_first_has_two_minutes(story, bench):
    with story.nobody_listens():
        row = await bench.detach("web-01")

    assert row.outcome is Outcome.FAILED
    assert 100 <= row.finished_at - row.accepted_at <= PATIENCE
    assert "Retry" in [choice.label for choice in story.answer.choices]


async def test_a_slow_person_does_not_use_up_the_patience(story, bench, proven):
    row = await bench.detach("db-01")
    bench.clock.now += 800
    await story.press("rescue.iso")
    with story.nobody_listens():
        row = await bench.settle(row, until="resolve.1")
        (claimed,) = await bench.desk.ledger.claim(1)
        await bench.runner.advance(claimed)

    proven(await bench.settle(row))


async def test_a_stuck_job_that_did_its_work_is_proven_by_the_vm(story, bench, proven):
    bench.node.faults.add("stuck-done", DETACH)
    row = await story.to("follow.1")
    bench.clock.now += 31

    row = await bench.settle(row)

    proven(row)
    assert story.answer.lines == (
        "Seen at the VM itself; ZStack's job gave no answer.",
    )
    assert row.finished_at - row.sent_at > 30


async def test_a_stuck_job_that_did_nothing_ends_unknown_at_its_deadline(story, bench):
    bench.node.settings.change(api_timeout_seconds=60)
    bench.node.faults.add("stuck", DETACH)
    row = await story.to("follow.1")
    bench.clock.now += 80

    row = await bench.settle(row)

    assert row.outcome is Outcome.UNKNOWN
    assert story.answer.lines == ("The VM shows no change.",)
    assert 90 <= row.finished_at - row.sent_at < 100


async def test_a_node_that_announces_no_timeout_has_half_an_hour(story, bench):
    bench.node.settings.change(announce_timeout=False)
    bench.node.faults.add("stuck", DETACH)

    row = await story.to("follow.1")

    assert row.deadline - row.sent_at >= JOB_TIMEOUT


async def test_a_node_that_restarts_in_mid_job_leaves_it_to_the_vm(story, bench):
    bench.node.settings.change(job_seconds=60, api_timeout_seconds=60)
    row = await story.to("send.1")
    (claimed,) = await bench.desk.ledger.claim(1)
    await bench.runner.advance(claimed)
    bench.node.restart()
    bench.clock.now += 80

    row = await bench.settle(row)

    assert row.outcome is Outcome.UNKNOWN
    assert bench.node.world.vm("web-01").iso_uuids


async def test_a_job_that_was_purged_is_proven_by_the_vm(story, bench, proven):
    row = await story.to("follow.1")
    await bench.node.idle()
    bench.node.jobs.purge()

    proven(await bench.settle(row))


async def test_a_job_that_was_never_saved_is_proven_by_the_vm(bench, proven):
    bench.node.faults.add("lost", DETACH)

    proven(await bench.detach("web-01"))


async def test_a_job_that_was_never_saved_has_time_to_end(story, bench, proven):
    bench.node.faults.add("lost", DETACH)
    bench.node.settings.change(job_seconds=0.3)
    row = await story.to("follow.1")
    bench.clock.now += 1
    (claimed,) = await bench.desk.ledger.claim(1)
    await bench.runner.advance(claimed)

    proven(await bench.settle(row))


async def test_a_forgotten_job_that_shows_no_change_ends_unknown(story, bench):
    bench.node.faults.add("stuck", DETACH)
    row = await story.to("follow.1")
    bench.node.jobs.rows.clear()

    row = await bench.settle(row)

    assert row.outcome is Outcome.UNKNOWN
    assert 60 <= row.finished_at - row.sent_at < 70


async def test_a_lost_send_whose_job_was_never_saved_is_proven_by_the_vm(
    story, bench, proven
):
    bench.node.faults.add("lost", DETACH)
    row = await story.to("send.1")
    (claimed,) = await bench.desk.ledger.claim(1)
    await STEPS[row.step].run(bench.desk, claimed)  # and the process is gone
    await story.crash()

    proven(await bench.settle(row))


async def test_a_job_uuid_that_is_known_is_followed(story, bench, proven):
    row = await story.to("send.1")
    held = await bench.desk.sessions.need(row.person)
    await bench.desk.cloud.submit(row.to_operation(), row.job_uuid, held.auth)

    proven(await bench.settle(row))

    assert len(_sent(bench)) == 2


async def test_a_node_that_is_down_while_following_is_asked_again(story, bench, proven):
    row = await story.to("follow.1")
    bench.node.faults.add("drop", "api-jobs", count=5)
    bench.node.faults.add("proxy", "api-jobs", count=5)

    proven(await bench.settle(row))


async def test_a_node_that_is_down_for_good_ends_unknown(story, bench):
    row = await story.to("follow.1")
    bench.clock.now += JOB_TIMEOUT

    with story.nobody_listens():
        row = await bench.settle(row)

    assert row.outcome is Outcome.UNKNOWN
    assert story.answer.lines == ("The VM cannot be read.",)


async def test_a_send_that_nobody_can_ask_about_ends_unknown(story, bench):
    bench.node.faults.add("drop", DETACH)
    row = await story.to("sent.1")

    with story.nobody_listens():
        await bench.settle(row, until="sent.1")
        bench.clock.now += JOB_TIMEOUT
        row = await bench.settle(row)

    assert row.outcome is Outcome.UNKNOWN


async def test_a_resend_does_not_move_the_deadline(story, bench):
    bench.node.faults.add("drop", DETACH, count=2)
    row = await story.to("sent.1")
    again = await bench.settle(row, until="send.1")

    later = await bench.settle(again, until="sent.1")

    assert (later.sent_at, later.deadline) == (row.sent_at, row.deadline)


async def test_a_node_that_never_processes_it_is_not_asked_for_ever(bench):
    bench.node.faults.add("error", DETACH, count=99)

    row = await bench.detach("web-01")

    assert row.outcome is Outcome.UNKNOWN
    assert len(_sent(bench)) == 6
    assert len(set(_sent(bench))) == 1


async def test_a_resend_to_a_node_that_is_away_asks_for_the_job_first(
    story, bench, to_be_resent, proven
):
    with story.nobody_listens():
        row = await bench.settle(to_be_resent, until="sent.1")

    proven(await bench.settle(row))


async def test_a_resend_that_is_refused_in_text_is_looked_up(
    bench, to_be_resent, proven
):
    url = bench.desk.cloud.url
    bench.desk.cloud.url += "/elsewhere"
    row = await bench.settle(to_be_resent, until="sent.1")
    bench.desk.cloud.url = url

    proven(await bench.settle(row))


async def test_a_resend_that_is_rejected_after_all_was_done_has_succeeded(
    bench, to_be_resent
):
    bench.node.faults.add("fail", DETACH, code="SYS.1006")
    bench.node.world.vm("web-01").cdroms[0].iso_uuid = None

    row = await bench.settle(to_be_resent)

    assert row.outcome is Outcome.SUCCEEDED


async def test_a_resend_that_is_rejected_has_failed(bench, to_be_resent):
    bench.node.faults.add("fail", DETACH, code="SYS.1006")

    assert (await bench.settle(to_be_resent)).outcome is Outcome.FAILED


async def test_what_zstack_may_have_forgotten_is_not_sent_again(bench, to_be_resent):
    sent = len(_sent(bench))
    bench.clock.now += RESEND_WITHIN

    row = await bench.settle(to_be_resent)

    assert row.outcome is Outcome.UNKNOWN
    assert len(_sent(bench)) == sent


async def test_a_node_of_an_upgrade_comes_back_at_its_old_place(bench, node, proven):
    async with serve(node.app) as base:
        bench.desk.cloud.url = f"{base}/zstack"
        row = await bench.accept(DETACH, vm_instance_uuid="web-01")
        row = await bench.settle(row, until="follow.1")
    async with serve(node.app, port=int(base.rpartition(":")[2])):
        proven(await bench.settle(row))


async def test_numbers_and_times_of_another_release_are_read(story, bench, proven):
    bench.node.settings.change(numbers_as_doubles=True, timestamps="java20")

    proven(await bench.detach("web-01"))

    assert bench.told.notices(Slot.ANSWER)[-1].card.vm.create_date
