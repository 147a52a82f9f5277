import httpx
import pytest

RUNNING = {"event_type": "zstack_operation", "event_payload": {"outcome": "running"}}


async def test_a_message_is_posted_edited_and_deleted_in_place(slack, api):
    posted = await api(
        "chat.postMessage", channel="C0OPS", text="one", metadata=RUNNING
    )
    await api("chat.update", channel="C0OPS", ts=posted["ts"], text="two")

    (message,) = slack.messages("#ops")
    assert [edit.text for edit in message.edits] == ["one", "two"]
    assert message.outcome == "running", "metadata stays when it is not given"

    await api(
        "chat.update", channel="C0OPS", ts=posted["ts"], text="three", metadata={}
    )
    assert message.outcome == ""

    await api("chat.delete", channel="C0OPS", ts=posted["ts"])
    assert slack.messages("#ops") == []


async def test_timestamps_of_a_channel_only_rise(api):
    stamps = [
        (await api("chat.postMessage", channel="C0OPS", text=str(n)))["ts"]
        for n in range(20)
    ]

    assert sorted(set(stamps)) == stamps


@pytest.mark.parametrize(
    ("method", "arguments", "error"),
    [
        pytest.param("chat.postMessage", {"channel": "C0NONE", "text": "x"}, "channel_not_found", id="no channel"),
        pytest.param("chat.postMessage", {"channel": "C0SECRET", "text": "x"}, "channel_not_found", id="private without the bot"),
        pytest.param("chat.postMessage", {"channel": "C0OLD", "text": "x"}, "is_archived", id="archived"),
        pytest.param("chat.postMessage", {"channel": "C0OPS"}, "no_text", id="empty"),
        pytest.param("chat.postMessage", {"channel": "C0OPS", "text": "x", "metadata": {"event_type": 1}}, "invalid_metadata_format", id="bad metadata"),
        pytest.param("chat.postMessage", {"channel": "C0OPS", "text": "x", "metadata": "{"}, "invalid_metadata_format", id="metadata is no JSON"),
        pytest.param("chat.postMessage", {"channel": "C0OPS", "blocks": [{"type": "alert"}]}, "invalid_blocks", id="bad blocks"),
        pytest.param("chat.postMessage", {"channel": "C0OPS", "blocks": "["}, "invalid_blocks_format", id="blocks are no JSON"),
        pytest.param("chat.update", {"channel": "C0OPS", "ts": "1.0", "text": "x"}, "message_not_found", id="no message"),
        pytest.param("chat.postEphemeral", {"channel": "C0OPS", "user": "U0NOBODY", "text": "x"}, "user_not_in_channel", id="not a member"),
        pytest.param("chat.getPermalink", {"channel": "C0OPS", "message_ts": "1.0"}, "message_not_found", id="no message to link"),
        pytest.param("conversations.history", {"channel": "C0RANDOM"}, "not_in_channel", id="not joined"),
        pytest.param("conversations.replies", {"channel": "C0OPS", "ts": "1.0"}, "thread_not_found", id="no thread"),
        pytest.param("conversations.open", {"users": "U0GONE"}, "user_disabled", id="deleted person"),
        pytest.param("conversations.open", {"users": "U0ROBOT"}, "cannot_dm_bot", id="a bot"),
        pytest.param("conversations.open", {"users": "U0NOBODY"}, "user_not_found", id="nobody"),
        pytest.param("users.info", {"user": "U0NOBODY"}, "user_not_found", id="no person"),
        pytest.param("usergroups.users.list", {"usergroup": "S0NONE"}, "no_such_subteam", id="no group"),
        pytest.param("views.open", {"trigger_id": "1.2.3", "view": {"type": "home"}}, "invalid_arguments", id="not a modal"),
        pytest.param("functions.completeError", {"function_execution_id": "Fx1", "error": "x"}, "function_execution_not_found", id="no step"),
        pytest.param("chat.shout", {}, "unknown_method", id="no such method"),
    ],
)  # fmt: skip
async def test_a_refusal_is_slacks_own_word(api, method, arguments, error):
    answer = await api(method, **arguments)

    assert (answer["ok"], answer["error"]) == (False, error)


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        pytest.param({}, "not_authed", id="no token"),
        pytest.param(
            {"Authorization": "Bearer xoxb-other"}, "invalid_auth", id="wrong token"
        ),
    ],
)
async def test_a_call_needs_the_bots_token(slack, headers, error):
    async with httpx.AsyncClient(headers=headers) as client:
        answer = await client.post(f"{slack.state.url}/api/auth.test")

    assert answer.json() == {"ok": False, "error": error}


async def test_a_form_says_the_same_as_json(slack, api):
    form = {
        "channel": "C0OPS",
        "text": "hi",
        "metadata": '{"event_type": "e", "event_payload": {}}',
    }

    answer = (await api.http.post("chat.postMessage", data=form)).json()

    assert answer["ok"]
    assert slack.messages("ops")[0].metadata["event_type"] == "e"


async def test_a_public_channel_can_be_written_to_but_not_read_without_joining(
    slack, api
):
    assert (await api("chat.postMessage", channel="C0RANDOM", text="x"))["ok"]

    slack.workspace.writes_in_public = False
    answer = await api("chat.postMessage", channel="C0RANDOM", text="x")
    assert answer["error"] == "not_in_channel"


async def test_a_private_message_reaches_one_person_and_cannot_be_edited(slack, api):
    answer = await api(
        "chat.postEphemeral", channel="C0OPS", user="U0ALICE", text="psst"
    )
    again = await api("chat.update", channel="C0OPS", ts=answer["message_ts"], text="x")

    assert again["error"] == "message_not_found"
    assert [it.text for it in slack.messages("ops", user="alice")] == ["psst"]
    assert slack.messages("ops", user="bob") == []


async def test_nobody_elses_message_can_be_edited(slack, api):
    await slack.mention("hello")
    (said,) = slack.messages("ops")

    answer = await api("chat.update", channel="C0OPS", ts=said.ts, text="x")

    assert answer["error"] == "cant_update_message"


async def test_a_direct_message_goes_to_the_person_by_either_id(slack, api):
    opened = await api("conversations.open", users="U0ALICE")
    await api("chat.postMessage", channel=opened["channel"]["id"], text="one")
    await api("chat.postMessage", channel="U0ALICE", text="two")

    direct = slack.workspace.direct("U0ALICE")
    assert [it.text for it in slack.messages(direct.id)] == ["one", "two"]


async def test_history_tells_metadata_only_when_asked(api):
    await api("chat.postMessage", channel="C0OPS", text="x", metadata=RUNNING)

    plain = await api("conversations.history", channel="C0OPS")
    full = await api(
        "conversations.history", channel="C0OPS", include_all_metadata=True
    )

    assert "metadata" not in plain["messages"][0]
    assert full["messages"][0]["metadata"] == RUNNING


async def test_without_the_scope_only_direct_messages_can_be_read(api, slack):
    slack.workspace.reads_channels = False
    direct = slack.workspace.direct("U0ALICE").id

    methods = ("conversations.history", "conversations.replies")
    closed = [await api(it, channel="C0OPS", ts="1.0") for it in methods]

    assert [it["error"] for it in closed] == ["missing_scope"] * 2
    assert (await api("conversations.history", channel=direct))["ok"]


async def test_history_comes_in_pages_and_threads_apart(api):
    first = await api("chat.postMessage", channel="C0OPS", text="1")
    await api("chat.postMessage", channel="C0OPS", text="2")
    await api("chat.postMessage", channel="C0OPS", text="reply", thread_ts=first["ts"])

    page = await api("conversations.history", channel="C0OPS", limit=1)
    cursor = page["response_metadata"]["next_cursor"]
    rest = await api("conversations.history", channel="C0OPS", limit=1, cursor=cursor)
    thread = await api("conversations.replies", channel="C0OPS", ts=first["ts"])

    assert [it["text"] for it in page["messages"]] == ["2"]
    assert ([it["text"] for it in rest["messages"]], rest["has_more"]) == (["1"], False)
    assert [it["text"] for it in thread["messages"]] == ["1", "reply"]


@pytest.mark.parametrize(
    ("user", "flag"),
    [
        pytest.param("U0GUEST", "is_restricted", id="guest"),
        pytest.param("U0ULTRA", "is_ultra_restricted", id="ultra guest"),
        pytest.param("U0STRANGER", "is_stranger", id="stranger"),
        pytest.param("U0GONE", "deleted", id="deleted"),
        pytest.param("U0ROBOT", "is_bot", id="bot"),
    ],
)
async def test_people_who_are_not_full_members_can_be_told_apart(api, user, flag):
    special = (await api("users.info", user=user))["user"]
    full = (await api("users.info", user="U0BOB"))["user"]

    assert special[flag] is True
    assert not full.get(flag)


async def test_a_channel_says_what_it_is(api):
    shared = (await api("conversations.info", channel="C0SHARED"))["channel"]

    assert (shared["is_ext_shared"], shared["is_member"]) == (True, True)
    assert (await api("team.info"))["team"]["id"] == "T0SANDBOX"
    assert (await api("usergroups.users.list", usergroup="S0OPS"))["users"] == [
        "U0ALICE",
        "U0BOB",
    ]
