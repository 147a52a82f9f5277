"""Telling people: where, in which message, and what when Slack will not take it."""

import pytest

from desk.errors import Undeliverable
from desk.notice import Choice, Outcome, Slot
from desk.person import Person
from handlers.slack.deliver import SlackDeliver, at_the_door
from sandbox.slack import Fault

CLOSED = [
    "not_in_channel",
    "channel_not_found",
    "is_archived",
    "restricted_action",
    "restricted_action_read_only_channel",
    "no_permission",
]
LOST = ["message_not_found", "cant_update_message", "edit_window_closed"]


@pytest.fixture
def everything(idle):
    """Where each message stands, and who sees it."""
    return lambda: [(it.channel, it.seen_by) for it in idle.slack.messages()]


async def test_an_answer_is_one_message_edited_in_place(tell, idle):
    receipt = await tell(Slot.ANSWER, title="Running", outcome=Outcome.RUNNING)

    again = await tell(Slot.ANSWER, receipt=receipt, outcome=Outcome.SUCCEEDED)

    (message,) = idle.slack.messages("ops")
    assert again == receipt
    assert [it.outcome for it in message.edits] == ["running", "succeeded"]


async def test_metadata_is_complete_at_every_edit(tell, idle):
    receipt = await tell(Slot.ANSWER, outcome=Outcome.RUNNING)
    await tell(Slot.ANSWER, receipt=receipt, outcome=Outcome.FAILED)

    (message,) = idle.slack.messages("ops")
    for edit in message.edits:
        assert edit.metadata["event_type"] == "zstack_operation"
        assert edit.metadata["event_payload"] == {
            "command_id": "c1",
            "operation": "DetachIso",
            "outcome": edit.outcome,
            "resource_uuid": "u1",
        }


async def test_nothing_is_unfurled_and_nobody_is_named(tell, idle):
    await tell(Slot.ANSWER)

    (call,) = idle.slack.calls
    quiet = ("unfurl_links", "unfurl_media", "link_names")
    assert [call.arguments[name] for name in quiet] == [False, False, False]


async def test_an_edit_sends_only_what_an_edit_takes(tell, idle):
    receipt = await tell(Slot.ANSWER)
    await tell(Slot.ANSWER, receipt=receipt)

    *_, call = idle.slack.calls
    assert set(call.arguments) == {"channel", "ts", "text", "blocks", "metadata"}


async def test_a_closed_channel_is_answered_directly_with_one_pointer(
    tell, idle, everything
):
    idle.slack.workspace.channel("ops").archived = True

    receipt = await tell(Slot.ANSWER)

    await tell(Slot.ANSWER, receipt=receipt)
    assert receipt["channel"] == "D0ALICE"
    assert everything() == [("D0ALICE", ""), ("C0OPS", "U0ALICE")]
    assert await idle.said("the answer is in our direct messages")


async def test_every_word_for_a_closed_channel_means_the_same(tell, idle):
    for error in CLOSED:
        idle.slack.faults.add(Fault("chat.postMessage", "refuse", error=error))

        assert (await tell(Slot.ANSWER))["channel"] == "D0ALICE"


async def test_a_channel_archived_meanwhile_is_answered_directly(tell, idle):
    receipt = await tell(Slot.ANSWER)
    idle.slack.workspace.channel("ops").archived = True

    moved = await tell(Slot.ANSWER, receipt=receipt, outcome=Outcome.SUCCEEDED)

    assert moved["channel"] == "D0ALICE"
    assert (await idle.ended("succeeded")).channel == "D0ALICE"


@pytest.mark.parametrize("fault", ["response_url", "nothing"])
async def test_an_answer_stands_even_if_its_pointer_is_lost(
    tell, idle, place, logged, fault
):
    idle.slack.faults.add(Fault(fault, "drop_before"))
    where = place("C0OLD") | ({} if fault == "response_url" else {"response_url": ""})

    receipt = await tell(Slot.ANSWER, where)

    assert receipt["channel"] == "D0ALICE"
    assert len(logged.named("pointer_lost")) == (fault == "response_url")
    assert len(idle.slack.messages()) == 1


async def test_a_message_that_is_gone_is_posted_anew_directly(tell, idle):
    receipt = await tell(Slot.ANSWER)
    for error in LOST:
        idle.slack.faults.add(Fault("chat.update", "refuse", error=error))

        moved = await tell(Slot.ANSWER, receipt=receipt)

        assert moved["channel"] == "D0ALICE"
        assert await tell(Slot.ANSWER, receipt=moved) == moved


async def test_a_thread_reply_stands_below_the_answer(tell, idle):
    anchor = await tell(Slot.ANSWER)

    await tell(Slot.THREAD, anchor=anchor, title="It took long")

    reply = await idle.said("It took long")
    assert reply.thread_ts == anchor["ts"]


@pytest.mark.parametrize("error", ["thread_not_found", "is_archived"])
async def test_without_its_thread_a_reply_goes_directly(tell, idle, error):
    anchor = await tell(Slot.ANSWER)
    idle.slack.faults.add(Fault("chat.postMessage", "refuse", error=error))

    receipt = await tell(Slot.THREAD, anchor=anchor)

    assert receipt["channel"] == "D0ALICE"


async def test_a_reply_whose_answer_never_arrived_goes_directly(tell, everything):
    await tell(Slot.THREAD)

    assert everything() == [("D0ALICE", "")]


@pytest.mark.parametrize("user", ["U0GONE", "U0ROBOT", "U0NOBODY"])
async def test_who_has_no_direct_messages_is_given_up(tell, place, user):
    for slot, where in [(Slot.DIRECT, "C0OPS"), (Slot.ANSWER, "C0OLD")]:
        with pytest.raises(Undeliverable) as caught:
            await tell(slot, place(where, user=user))

        assert caught.value.retry_after is None


async def test_a_direct_notice_goes_to_the_direct_messages(tell, everything):
    await tell(Slot.DIRECT)

    assert everything() == [("D0ALICE", "")]


async def test_a_private_notice_goes_by_the_link_and_stays_unedited(tell, idle):
    receipt = await tell(Slot.PRIVATE)

    (message,) = idle.slack.messages("ops")
    assert (receipt, message.seen_by, message.metadata) == ({}, "U0ALICE", {})
    assert not idle.slack.calls


@pytest.mark.parametrize(
    "spoilt",
    [
        pytest.param({"at": 0}, id="half an hour old"),
        pytest.param({"response_url": "https://evil.example/x"}, id="not Slack's"),
        pytest.param({"response_url": ""}, id="empty"),
    ],
)
async def test_without_a_link_a_private_notice_is_ephemeral(tell, idle, place, spoilt):
    await tell(Slot.PRIVATE, place() | spoilt)

    (message,) = idle.slack.messages("ops")
    assert message.seen_by == "U0ALICE"
    assert [call.method for call in idle.slack.calls] == ["chat.postEphemeral"]


async def test_after_five_private_notices_the_rest_is_ephemeral(tell, idle, place):
    where = place()
    for _ in range(6):
        await tell(Slot.PRIVATE, where)

    assert [call.method for call in idle.slack.calls] == ["chat.postEphemeral"]
    assert {it.seen_by for it in idle.slack.messages("ops")} == {"U0ALICE"}


async def test_a_link_that_others_used_up_is_no_dead_end(tell, idle, place):
    where = place()
    for link in idle.slack.state.links.values():
        link.uses = 5

    await tell(Slot.PRIVATE, where)

    assert (await idle.said("Detached")).seen_by == "U0ALICE"


@pytest.mark.parametrize("channel", ["C0SECRET", "C0OLD", "C0NOWHERE", ""])
async def test_where_nothing_can_be_shown_privately_it_goes_directly(
    tell, place, everything, channel
):
    await tell(Slot.PRIVATE, place(channel, response_url=""))

    assert everything() == [("D0ALICE", "")]


async def test_a_private_notice_of_a_private_channel_still_goes_by_its_link(
    tell, place, everything
):
    await tell(Slot.PRIVATE, place("C0SECRET"))

    assert everything() == [("C0SECRET", "U0ALICE")]


async def test_without_a_responder_a_private_notice_is_ephemeral(idle, place, notice):
    deliver = SlackDeliver(idle.client, responder=None)

    await deliver.deliver(place(), notice(Slot.PRIVATE))

    assert [call.method for call in idle.slack.calls] == ["chat.postEphemeral"]


async def test_blocks_that_slack_refuses_leave_the_text(tell, idle, logged):
    idle.slack.faults.add(Fault("chat.postMessage", "refuse", error="invalid_blocks"))

    await tell(Slot.ANSWER, title="a & b")

    (message,) = idle.slack.messages("ops")
    assert (message.text, message.blocks) == ("a &amp; b", ())
    assert message.metadata
    assert len(logged.named("blocks_refused")) == 1


async def test_an_edit_whose_blocks_slack_refuses_keeps_no_old_ones(tell, idle):
    receipt = await tell(Slot.ANSWER)
    refusal = Fault("chat.update", "refuse", error="msg_blocks_too_long")
    idle.slack.faults.add(refusal)

    await tell(Slot.ANSWER, receipt=receipt, title="New")

    *_, call = idle.slack.calls
    assert call.arguments["blocks"] == []
    assert idle.slack.messages("ops")[0].blocks == ()


@pytest.mark.parametrize(
    ("fault", "reason", "wait"),
    [
        (Fault("*", "rate_limited", seconds=7), "rate limited", 7),
        (Fault("*", "server_error"), "status 500", 1),
        (Fault("*", "drop_before"), "Client|Server", 1),
        (Fault("*", "refuse", error="ratelimited"), "rate limited", 30),
        (Fault("*", "refuse", error="account_inactive"), "account_inactive", 60),
    ],
    ids=["429", "500", "dropped", "limited in words", "operator"],
)
@pytest.mark.parametrize("slot", Slot)
async def test_what_slack_does_not_take_is_tried_again(
    tell, idle, place, fault, reason, wait, slot
):
    anchor, where = (
        {"channel": "C0OPS", "ts": "1.1"},
        place(response_url="", step="Fx1"),
    )
    idle.slack.faults.add(Fault(**vars(fault)))

    with pytest.raises(Undeliverable, match=reason) as caught:
        await tell(slot, where, anchor=anchor)

    assert caught.value.retry_after == wait


async def test_an_edit_that_fails_is_tried_again(tell, idle):
    receipt = await tell(Slot.ANSWER)
    idle.slack.faults.add(Fault("chat.update", "server_error"))

    with pytest.raises(Undeliverable):
        await tell(Slot.ANSWER, receipt=receipt)

    assert await tell(Slot.ANSWER, receipt=receipt) == receipt


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        pytest.param(b"<html>", "text/html", id="a page"),
        pytest.param(b"oops", "text/plain", id="plain text"),
        pytest.param(b"{oops", "application/json", id="broken JSON"),
        pytest.param(b"", "application/json", id="nothing"),
        pytest.param(b"[1]", "application/json", id="a list"),
    ],
)
async def test_an_answer_that_is_no_json_is_a_passing_fault(
    tell, elsewhere, body, kind
):
    for status in (200, 502):
        elsewhere(status, body=body, kind=kind)

        with pytest.raises(Undeliverable) as caught:
            await tell(Slot.ANSWER)

        assert caught.value.retry_after == 1


async def test_a_wait_that_is_no_number_is_half_a_minute(tell, elsewhere):
    elsewhere(429, {"Retry-After": "²"}, b"{}", "application/json")

    with pytest.raises(Undeliverable) as caught:
        await tell(Slot.ANSWER)

    assert caught.value.retry_after == 30


async def test_a_slack_that_hangs_is_given_up(idle, place, notice):
    deliver = SlackDeliver(idle.client, None, seconds=0.05)
    idle.slack.faults.add(Fault("*", "slow", seconds=0.2))

    with pytest.raises(Undeliverable, match="TimeoutError"):
        await deliver.deliver(place(), notice(Slot.ANSWER))


async def test_what_is_told_replaces_the_question_that_was_clicked(tell, idle, place):
    await tell(Slot.PRIVATE, choices=(Choice(label="Yes", offer="o1"),))
    (question,) = idle.slack.messages("ops")
    link = idle.slack.state.new_link("C0OPS", "U0ALICE", question)

    await tell(Slot.PRIVATE, place(response_url=link, replace=True), title="You said")

    assert idle.slack.messages("ops") == [question]
    assert question.text == "You said"


async def test_an_answer_is_told_once_slack_is_back(bot):
    await bot.log_in()
    bot.slack.faults.add(Fault("chat.postMessage", "server_error"))

    await bot.command("/detach-iso web-01")

    await bot.ended("succeeded")
    assert len(bot.slack.messages("ops", user="bob")) == 1


@pytest.mark.parametrize("slot", [Slot.ANSWER, Slot.PRIVATE, Slot.THREAD])
async def test_whom_a_workflow_names_is_told_directly(tell, idle, place, slot):
    await tell(slot, place(channel="", response_url="", step="Fx1"))

    (message,) = idle.slack.messages()
    assert (message.channel, message.seen_by) == ("D0ALICE", "")
    assert {it.method for it in idle.slack.calls} == {
        "conversations.open",
        "chat.postMessage",
    }


async def test_who_has_not_asked_is_told_directly(idle, tell):
    alice = Person(enterprise="", team="T0SANDBOX", user="U0ALICE")

    await tell(Slot.DIRECT, at_the_door(alice), title="Your shift begins")

    (message,) = idle.slack.messages()
    assert (message.channel, "Your shift begins" in message.text) == ("D0ALICE", True)
