"""Slack at its worst, end to end: what a person finds in the channel afterwards."""

import pytest

from desk.notice import Outcome, Slot
from sandbox.slack import Fault
from tests.handlers.conftest import working


@pytest.fixture
async def alice(bot):
    """A bot at work that knows alice."""
    await bot.log_in()
    return bot


@pytest.fixture
def answers(alice):
    """What bob, who was told nothing privately, sees in #ops."""
    return lambda: alice.slack.messages("ops", user="bob")


@pytest.mark.parametrize("kind", ["server_error", "drop_before", "drop_after"])
@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update"])
async def test_a_fault_costs_a_moment_and_no_second_message(
    alice, answers, method, kind
):
    alice.slack.faults.add(Fault(method, kind))

    await alice.command("/detach-iso web-01")

    await alice.ended("succeeded")
    assert len(answers()) == 1


@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update"])
async def test_a_429_is_obeyed_and_then_the_outcome_is_there(alice, answers, method):
    limit = Fault(method, "rate_limited", count=2, seconds=1)
    alice.slack.faults.add(limit)

    await alice.command("/detach-iso web-01")

    await alice.ended("succeeded")
    assert len(answers()) == 1


async def test_an_unconfirmed_post_is_marked_where_history_cannot_be_read(
    alice, answers
):
    alice.slack.workspace.reads_channels = False
    alice.slack.faults.add(Fault("chat.postMessage", "drop_after"))

    await alice.command("/detach-iso web-01")

    ended = await alice.ended("succeeded")
    assert "Posted again" in ended.text
    assert len(answers()) == 2


async def test_a_bot_that_died_before_it_noted_its_post_goes_on_with_that(
    idle, notice, place
):
    outbox, where = idle.desk.outbox, place()
    await outbox.tell(where, notice(Slot.ANSWER, outcome=Outcome.RUNNING))
    (message,) = await outbox.claim(1)
    await idle.deliver.deliver(message.place, message.notice, message.known)
    await idle.sql("UPDATE message SET claim = NULL")  # as the next start does

    await outbox.tell(where, notice(Slot.ANSWER, outcome=Outcome.SUCCEEDED))
    async with working(idle):
        await idle.ended("succeeded")

    (posted,) = idle.slack.messages("ops")
    assert [it.outcome for it in posted.edits] == ["running", "succeeded"]


async def test_a_channel_that_closes_meanwhile_is_left_for_direct_messages(alice):
    alice.slack.faults.add(Fault("chat.update", "refuse", error="is_archived"))

    await alice.command("/detach-iso web-01")

    assert (await alice.ended("succeeded")).channel == "D0ALICE"


@pytest.mark.parametrize("error", ["expired_url", "used_url", "no_service"])
async def test_a_dead_response_url_does_not_keep_a_private_answer(alice, error):
    alice.slack.faults.add(Fault("response_url", "refuse", error=error))

    await alice.command("/zstack whoami")

    told = await alice.said("connected as ops")
    assert told.seen_by == "U0ALICE"


async def test_a_response_url_that_resets_does_not_keep_a_private_answer(alice):
    alice.slack.faults.add(Fault("response_url", "drop_before"))

    await alice.command("/zstack whoami")

    told = await alice.said("connected as ops")
    assert told.seen_by == "U0ALICE"
