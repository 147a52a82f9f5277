"""Sessions that are missing, run out or belong to somebody else."""

import pytest

from desk.notice import Outcome, Slot
from tests.desk.conftest import BOB


async def test_without_a_session_a_login_is_asked_for_first(story, bench, proven):
    await story.log_out()
    row = await bench.detach("web-01")
    assert row.step == "login.1"

    await story.connect()

    proven(await bench.settle(row))


async def test_a_login_that_nobody_answers_expires(story, bench):
    await story.log_out()
    row = await bench.detach("web-01")
    bench.clock.now += 901

    row = await bench.settle(row)

    assert row.outcome is Outcome.EXPIRED
    assert bench.told.last.slot is Slot.PRIVATE


async def test_a_login_link_does_not_live_as_long_as_the_question(story, bench):
    await story.log_out()
    await bench.detach("web-01")
    bench.clock.now += 601

    with pytest.raises(Exception, match="has expired"):
        await story.connect()


async def test_a_session_that_ended_before_a_read_is_asked_for(story, bench, proven):
    row = await story.to("resolve.1")
    bench.node.sessions.expire_all()
    row = await bench.settle(row)
    assert row.step == "login.1"

    await story.connect()

    proven(await bench.settle(row))


async def test_a_session_we_know_to_be_over_is_asked_for(story, bench, proven):
    row = await story.to("send.1")
    await story.log_out()
    row = await bench.settle(row)
    assert row.step == "login.1"

    await story.connect()

    proven(await bench.settle(row))


async def test_a_job_without_a_session_runs_again_as_a_new_job(story, bench, proven):
    row = await story.to("send.1")
    first = row.job_uuid
    bench.node.sessions.expire_all()
    row = await bench.settle(row)
    assert (row.step, row.sent_at) == ("login.1", None)

    await story.connect()

    row = await bench.settle(row)
    proven(row)
    assert row.job_uuid not in {None, first}


async def test_the_answer_says_that_a_login_is_waited_for(story, bench):
    row = await story.to("send.1")
    bench.node.sessions.expire_all()

    await bench.settle(row)

    assert story.answer.outcome is Outcome.RUNNING
    assert "waiting for a new log-in" in story.answer.title


async def test_a_login_that_never_comes_is_told_in_the_answer(story, bench):
    row = await story.to("send.1")
    bench.node.sessions.expire_all()
    await bench.settle(row)
    bench.clock.now += 901

    row = await bench.settle(row)

    assert row.outcome is story.answer.outcome is Outcome.EXPIRED
    assert bench.actions("web-01") == []


async def test_another_account_does_not_inherit_a_command(story, bench):
    row = await story.to("send.1")
    bench.node.sessions.expire_all()
    await bench.settle(row)

    await story.connect("admin")

    row = await bench.settle(row)
    assert row.outcome is Outcome.REFUSED
    assert "under another ZStack account" in story.answer.title
    assert bench.actions("web-01") == []


async def test_an_account_that_changes_before_the_send_sends_nothing(story, bench):
    row = await story.to("send.1")
    await bench.log_in(account="admin")

    row = await bench.settle(row)

    assert row.outcome is Outcome.REFUSED
    assert "admin" in story.answer.next_step
    assert bench.node.log.actions() == []


async def test_an_account_that_changes_before_a_resend_ends_by_the_vm(
    bench, to_be_resent
):
    await bench.log_in(account="admin")

    row = await bench.settle(to_be_resent)

    assert row.outcome is Outcome.UNKNOWN
    assert bench.node.log.actions() == []


async def test_a_resend_that_needs_a_login_goes_on_after_it(
    story, bench, to_be_resent, proven
):
    await story.log_out()
    row = await bench.settle(to_be_resent)
    assert (row.step, row.memo.resume) == ("login.1", "sent.1")

    await story.connect()

    row = await bench.settle(row)
    proven(row)
    assert row.job_uuid == to_be_resent.job_uuid


async def test_a_resend_whose_login_never_comes_ends_unknown(
    story, bench, to_be_resent
):
    await story.log_out()
    row = await bench.settle(to_be_resent)
    bench.clock.now += 901

    row = await bench.settle(row)

    assert row.outcome is story.answer.outcome is Outcome.UNKNOWN


async def test_everybody_acts_with_their_own_account(story, bench):
    await bench.log_in(BOB, "admin")

    await bench.detach("core-01", person=BOB)

    assert [one.account for one in bench.actions("core-01")] == ["admin"]
    assert (await bench.detach("core-01", key="k2")).outcome is Outcome.REFUSED


async def test_a_session_that_another_log_in_ended_is_explained(story, bench, proven):
    bench.node.settings.change(unique_session=True)
    await bench.log_in(BOB)

    row = await bench.detach("web-01")

    (told,) = [one for one in bench.told.notices(Slot.PRIVATE) if one.link]
    assert "ended your session as ops before its time" in told.lines[0]
    assert "enable.unique.session" in told.lines[0]
    await story.connect()
    proven(await bench.settle(row))


async def test_a_job_whose_session_another_log_in_ended_explains_it_too(story, bench):
    row = await story.to("send.1")
    bench.node.settings.change(unique_session=True)
    await bench.log_in(BOB)

    await bench.settle(row)

    (told,) = [one for one in bench.told.notices(Slot.PRIVATE) if one.link]
    assert "before its time" in told.lines[0]
