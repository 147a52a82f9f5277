"""A post that Slack did not confirm: looked for, or posted again and marked so."""

from functools import partial

import pytest

from desk.errors import Undeliverable
from desk.notice import Outcome, Slot
from sandbox.slack import Fault

MARK = "Posted again, because Slack did not confirm the first time."


@pytest.fixture
def lost(idle, tell):
    """Deliver so that Slack's answer is lost; then deliver again, knowing that."""

    async def lost(slot, method="chat.postMessage", **more):
        idle.slack.faults.add(Fault(method, "drop_after"))
        began = idle.slack.clock()
        with pytest.raises(Undeliverable) as caught:
            await tell(slot, **more)
        assert caught.value.may_stand
        return partial(tell, slot, tried_at=began, **more)

    return lost


@pytest.fixture
def shown(idle):
    """The texts of all messages that stand."""
    return lambda: [it.text for it in idle.slack.messages()]


async def test_a_post_that_arrived_is_found_and_edited(lost, idle):
    again = await lost(Slot.ANSWER, outcome=Outcome.RUNNING)

    receipt = await again(outcome=Outcome.SUCCEEDED)

    (message,) = idle.slack.messages("ops")
    assert receipt == {"channel": "C0OPS", "ts": message.ts}
    assert [it.outcome for it in message.edits] == ["running", "succeeded"]
    assert MARK not in message.text


async def test_rows_of_the_audit_that_arrived_are_found(lost, place, idle):
    where = {"kind": "slack", "channel": "C0OPS"}
    words = {
        "command_id": "audit-1-2",
        "summary": "2:hash",
        "lines": ("1 · <!here>", "2"),
    }
    again = await lost(Slot.AUDIT, where=where, title="Audit", **words)

    await again()

    (message,) = idle.slack.messages("ops")
    assert message.metadata == {
        "event_type": "zstack_audit",
        "event_payload": {"audit_id": "audit-1-2", "noted": "2:hash"},
    }
    assert message.text == "Audit\n1 · &lt;!here&gt;\n2"
    (block,) = message.blocks
    assert block["elements"][0]["elements"] == [
        {"type": "text", "text": "1 · <!here>\n2"}
    ]


async def test_a_reply_that_arrived_is_found_in_its_thread(lost, tell, idle):
    anchor = await tell(Slot.ANSWER)
    again = await lost(Slot.THREAD, anchor=anchor)

    receipt = await again()

    above, reply = idle.slack.messages("ops")
    assert (receipt["ts"], reply.thread_ts) == (reply.ts, above.ts)


async def test_an_answer_that_arrived_directly_is_found_there(lost, place, idle):
    again = await lost(Slot.ANSWER, where=place("C0OLD"))

    receipt = await again()

    (message,) = idle.slack.messages("D0ALICE")
    assert receipt == {"channel": "D0ALICE", "ts": message.ts}


async def test_an_answer_that_moved_is_found_where_it_moved_to(lost, tell, idle):
    receipt = await tell(Slot.ANSWER)
    idle.slack.transcript.delete(idle.slack.messages("ops")[0])
    again = await lost(Slot.ANSWER, receipt=receipt)

    moved = await again()

    assert moved["channel"] == "D0ALICE"
    assert len(idle.slack.messages()) == 1


async def test_the_answer_is_not_taken_for_its_reply(tell, place, idle):
    anchor = await tell(Slot.ANSWER, place("C0OLD"))
    idle.slack.faults.add(Fault("chat.postMessage", "refuse", error="thread_not_found"))

    receipt = await tell(Slot.THREAD, anchor=anchor, tried_at=idle.slack.clock())

    assert receipt["channel"] == anchor["channel"]
    assert len(idle.slack.messages("D0ALICE")) == 2


async def test_a_post_that_did_not_arrive_is_made_without_a_mark(tell, idle, shown):
    await tell(Slot.ANSWER, tried_at=idle.slack.clock())

    assert len(shown()) == 1
    assert MARK not in shown()[0]


async def test_a_message_that_is_gone_by_now_is_posted_again(lost, idle):
    again = await lost(Slot.ANSWER)
    idle.slack.faults.add(Fault("chat.update", "refuse", error="message_not_found"))

    await again()

    assert len(idle.slack.messages("ops")) == 2


@pytest.mark.parametrize("channel", ["C0OPS", "C0RANDOM"])
async def test_where_history_cannot_be_read_it_is_posted_again_and_marked(
    lost, place, tell, idle, channel
):
    idle.slack.workspace.reads_channels = channel == "C0RANDOM"  # there it is no member
    again = await lost(Slot.ANSWER, where=place(channel))

    receipt = await again()
    await tell(Slot.ANSWER, receipt=receipt, outcome=Outcome.SUCCEEDED)

    first, second = idle.slack.messages(channel)
    assert MARK not in first.text
    assert all(MARK in edit.text for edit in second.edits)
    assert second.outcome == "succeeded"
    *_, edit = idle.slack.calls
    assert set(edit.arguments) == {"channel", "ts", "text", "blocks", "metadata"}


async def test_a_channel_too_busy_for_one_page_counts_as_unreadable(lost, idle, shown):
    again = await lost(Slot.ANSWER)
    for number in range(101):
        await idle.client.chat_postMessage(channel="C0OPS", text=f"{number}")

    await again()

    assert MARK in shown()[-1]


async def test_what_another_app_wrote_is_not_taken_for_ours(tell, notice, idle, shown):
    forged = {
        "event_type": "zstack_operation",
        "event_payload": notice(Slot.ANSWER).payload(),
    }
    await idle.client.chat_postMessage(channel="C0OPS", text="x", metadata=forged)
    idle.slack.messages("ops")[0].author = "U0ROBOT"

    await tell(Slot.ANSWER, tried_at=idle.slack.clock())

    assert len(shown()) == 2


async def test_a_message_of_another_command_is_not_taken_for_this_one(
    tell, idle, shown
):
    await tell(Slot.ANSWER, command_id="another")
    await idle.client.chat_postMessage(channel="C0OPS", text="no metadata")

    await tell(Slot.ANSWER, tried_at=idle.slack.clock())

    assert len(shown()) == 3


@pytest.mark.parametrize(
    "fault",
    [
        Fault("conversations.history", "rate_limited", seconds=60),
        Fault("conversations.history", "server_error"),
        Fault("conversations.history", "drop_before"),
        Fault("auth.test", "server_error"),
    ],
    ids=["limited", "broken", "reset", "who am I"],
)
async def test_nothing_is_posted_before_the_look_was_possible(lost, idle, shown, fault):
    again = await lost(Slot.ANSWER)
    idle.slack.faults.add(Fault(**vars(fault)))

    with pytest.raises(Undeliverable) as caught:
        await again()

    assert not caught.value.may_stand
    assert len(shown()) == 1


async def test_who_the_bot_is_is_asked_once(tell, idle):
    for _ in range(2):
        await tell(Slot.ANSWER, tried_at=idle.slack.clock())

    assert [it.method for it in idle.slack.calls].count("auth.test") == 1


@pytest.mark.parametrize(
    ("slot", "where"), [(Slot.DIRECT, "C0OPS"), (Slot.PRIVATE, "C0OLD")]
)
async def test_what_has_no_metadata_is_said_again_and_marked(
    lost, place, shown, slot, where
):
    again = await lost(slot, where=place(where, response_url=""))

    await again()

    first, second = shown()
    assert MARK not in first
    assert second.count(MARK) == 1


@pytest.mark.parametrize(
    ("method", "link"),
    [("response_url", {}), ("chat.postEphemeral", {"response_url": ""})],
)
async def test_a_private_notice_is_said_again_and_marked(
    lost, place, shown, method, link
):
    again = await lost(Slot.PRIVATE, method, where=place(**link))

    await again()

    first, second = shown()
    assert (MARK in first, MARK in second) == (False, True)


async def test_what_replaces_a_question_needs_no_mark(lost, tell, place, idle, shown):
    await tell(Slot.PRIVATE)
    link = idle.slack.state.new_link("C0OPS", "U0ALICE", idle.slack.messages("ops")[0])
    where = place(response_url=link, replace=True)
    again = await lost(Slot.PRIVATE, "response_url", where=where)

    await again()

    assert len(shown()) == 1
    assert MARK not in shown()[0]


@pytest.mark.parametrize(
    ("method", "fault", "may_stand"),
    [
        ("chat.postMessage", {"kind": "server_error"}, True),
        ("chat.postMessage", {"kind": "drop_before"}, True),
        ("chat.postMessage", {"kind": "refuse", "error": "fatal_error"}, True),
        ("chat.postMessage", {"kind": "rate_limited"}, False),
        ("chat.postMessage", {"kind": "refuse", "error": "invalid_auth"}, False),
    ],
    ids=["500", "reset", "half done", "429", "refused"],
)
async def test_only_a_plain_no_is_taken_for_one(tell, idle, method, fault, may_stand):
    idle.slack.faults.add(Fault(method, **fault))

    with pytest.raises(Undeliverable) as caught:
        await tell(Slot.ANSWER)

    assert caught.value.may_stand is may_stand


async def test_where_nobody_listens_nothing_was_heard(tell, idle):
    idle.client.base_url = "http://127.0.0.1:1/api/"

    with pytest.raises(Undeliverable, match="ClientConnectorError") as caught:
        await tell(Slot.ANSWER)

    assert not caught.value.may_stand
