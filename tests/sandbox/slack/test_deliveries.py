import asyncio
import hashlib
import hmac
import json
from urllib.parse import parse_qs

import pytest


def interaction(bot):
    return json.loads(parse_qs(bot.came[-1][1].decode())["payload"][0])


async def test_a_slash_command_comes_signed_and_complete(slack, bot):
    ack = await slack.command("/detach-iso", "web-01", user="bob", channel="#secret")

    headers, body = bot.came[0]
    fields = {key: value[0] for key, value in parse_qs(body.decode()).items()}
    base = f"v0:{headers['x-slack-request-timestamp']}:".encode() + body
    secret = slack.drafts.signing_secret.encode()
    expected = hmac.new(secret, base, hashlib.sha256).hexdigest()
    assert headers["x-slack-signature"] == f"v0={expected}"
    assert ack.is_ok
    assert fields["text"] == "web-01"
    assert (fields["user_id"], fields["channel_id"]) == ("U0BOB", "C0SECRET")
    assert fields["channel_name"] == "privategroup"
    assert fields["is_enterprise_install"] == "false"
    assert fields["response_url"].startswith(slack.state.url)


async def test_the_body_of_an_acknowledgement_is_a_private_message(slack, bot):
    bot.answer = {"text": "Which VM?"}

    await slack.command("/detach-iso")

    (message,) = slack.messages("ops", user="alice")
    assert (message.text, message.seen_by) == ("Which VM?", "U0ALICE")


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        pytest.param("Just words", "Just words", id="plain text"),
        pytest.param(
            {"blocks": [{"type": "alert"}]},
            "The acknowledgement cannot be shown: invalid_blocks",
            id="bad blocks",
        ),
    ],
)
async def test_an_acknowledgement_need_not_be_good(slack, bot, answer, shown):
    bot.answer = answer

    await slack.command("/detach-iso")

    assert slack.messages("ops")[0].text == shown


async def test_an_acknowledgement_can_be_for_everyone(slack, bot):
    bot.answer = {"text": "Here", "response_type": "in_channel"}

    await slack.command("/zstack", "help")

    assert slack.messages("ops", user="bob")[0].text == "Here"


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        pytest.param(500, "dispatch_failed", id="broken"),
        pytest.param(404, "dispatch_failed", id="unhandled"),
    ],
)
async def test_a_failed_acknowledgement_is_shown_as_slack_does(
    slack, bot, status, failure
):
    bot.status = status

    ack = await slack.command("/detach-iso", "web-01")

    assert ack.failure == failure
    assert (
        slack.messages("ops")[0].text
        == f'/detach-iso failed with the error "{failure}"'
    )


async def test_a_bot_that_is_away_fails_the_dispatch(slack):
    slack.bot_url = "http://127.0.0.1:1"

    assert (await slack.command("/detach-iso")).failure == "dispatch_failed"


async def test_one_delivery_can_be_sent_many_times_at_once(slack, bot):
    delivery = slack.drafts.command(
        "/detach-iso", "web-01", user="alice", channel="ops"
    )

    acks = await asyncio.gather(*(slack.send(delivery) for _ in range(10)))

    assert all(ack.is_ok for ack in acks)
    assert {body for _, body in bot.came} == {delivery.body}
    assert len({headers["x-slack-signature"] for headers, _ in bot.came}) == 1
    assert slack.messages() == [], "nobody sees how a raw delivery went"


async def test_a_delivery_can_be_spoilt(slack):
    good = slack.drafts.sign((b"text=x", "text/plain"), at=1_000)
    forged = slack.drafts.sign((b"text=x", "text/plain"), at=1_000, secret="other")

    assert good.headers["X-Slack-Request-Timestamp"] == "1000"
    assert good.headers["X-Slack-Signature"] != forged.headers["X-Slack-Signature"]


async def test_a_press_tells_the_message_and_who_pressed(slack, bot, api, blocks):
    offer = blocks.actions(blocks.button("Undo", value="u1"))
    await api("chat.postMessage", channel="C0OPS", text="done", blocks=[offer])
    message = await slack.wait(lambda it: it.text == "done")

    await slack.press(message, "Undo", user="bob")

    told = interaction(bot)
    (action,) = told["actions"]
    assert told["user"] == {
        "id": "U0BOB",
        "username": "bob",
        "name": "bob",
        "team_id": "T0SANDBOX",
    }
    assert told["container"]["message_ts"] == told["message"]["ts"] == message.ts
    assert (action["action_id"], action["value"], action["type"]) == (
        "offer:1",
        "u1",
        "button",
    )


async def test_a_press_in_a_private_message_is_told_without_it(slack, bot, api, blocks):
    offer = blocks.actions(blocks.button())
    await api(
        "chat.postEphemeral", channel="C0OPS", user="U0ALICE", text="x", blocks=[offer]
    )

    await slack.press(slack.messages("ops")[0], "offer:1")

    told = interaction(bot)
    assert told["container"]["is_ephemeral"] is True
    assert "message" not in told


@pytest.mark.parametrize("kind", ["static_select", "overflow", "radio_buttons"])
async def test_a_choice_tells_the_line(slack, bot, api, blocks, kind):
    menu = blocks.menu(("web-01", "1"), ("web-02", "2"), kind=kind)
    await api(
        "chat.postMessage", channel="C0OPS", text="x", blocks=[blocks.actions(menu)]
    )

    await slack.choose(slack.messages("ops")[0], "web-02")

    told = interaction(bot)
    assert told["actions"][0]["selected_option"]["value"] == "2"
    assert bool(told["state"]["values"]) is (kind != "overflow")


async def test_a_press_in_a_thread_tells_the_thread(slack, bot, api, blocks):
    first = await api("chat.postMessage", channel="C0OPS", text="x")
    offer = blocks.actions(blocks.button())
    place = {"channel": "C0OPS", "thread_ts": first["ts"]}
    await api("chat.postMessage", **place, text="y", blocks=[offer])

    await slack.press(slack.messages("ops")[1], "Undo")

    assert interaction(bot)["container"]["thread_ts"] == first["ts"]


async def test_a_failed_press_is_shown_to_who_pressed(slack, bot, api, blocks):
    offer = blocks.actions(blocks.button())
    await api("chat.postMessage", channel="C0OPS", text="x", blocks=[offer])
    bot.status = 500

    await slack.press(slack.messages("ops")[0], "Undo", user="bob")

    failed = slack.messages("ops", user="bob")[-1]
    assert failed.text == 'Undo failed with the error "dispatch_failed"'


async def test_an_accessory_and_a_card_can_be_pressed(slack, bot, api, blocks):
    text = {"type": "plain_text", "text": "x"}
    section = {"type": "section", "text": text, "accessory": blocks.button("One")}
    card = {"type": "card", "actions": [blocks.button("Two", "offer:2")]}
    await api("chat.postMessage", channel="C0OPS", text="x", blocks=[section, card])

    for name in ("One", "Two"):
        await slack.press(slack.messages("ops")[0], name)

    assert interaction(bot)["actions"][0]["action_id"] == "offer:2"


async def test_a_name_that_is_not_there_or_twice_is_an_error(slack, api, blocks):
    twice = blocks.actions(blocks.button("Go", "a:1"), blocks.button("Go", "a:2"))
    await api("chat.postMessage", channel="C0OPS", text="x", blocks=[twice])
    (message,) = slack.messages("ops")

    with pytest.raises(LookupError, match="Go \\(a:1\\)"):
        await slack.press(message, "Go")
    with pytest.raises(LookupError, match="none"):
        await slack.press(message, "Stop")


async def test_a_searched_menu_asks_the_bot(slack, bot, api):
    search = {"type": "external_select", "action_id": "find"}
    bot.answer = {"options": []}
    await api(
        "chat.postMessage",
        channel="C0OPS",
        text="x",
        blocks=[{"type": "actions", "elements": [search]}],
    )

    ack = await slack.search(slack.messages("ops")[0], "find", "web")

    assert ack.json == {"options": []}
    told = interaction(bot)
    assert (told["type"], told["value"], told["action_id"]) == (
        "block_suggestion",
        "web",
        "find",
    )


async def test_an_event_is_told_again_until_it_is_acknowledged(slack, bot):
    bot.status = 500

    acks = await slack.mention("help")

    assert [ack.status for ack in acks] == [500] * 4
    retries = [headers.get("x-slack-retry-num") for headers, _ in bot.came]
    assert retries == [None, "1", "2", "3"]
    assert len({json.loads(body)["event_id"] for _, body in bot.came}) == 1


async def test_an_event_is_told_once_when_the_bot_wants_no_retries(slack, bot):
    bot.status, bot.headers = 500, {"X-Slack-No-Retry": "1"}

    assert len(await slack.mention("help")) == 1


async def test_a_workflow_step_ends_once_with_its_own_token(slack, bot, api):
    await slack.step("iso_detach", {"vm_instance_uuid": "web-01"})
    event = json.loads(bot.came[0][1])["event"]
    token = {"Authorization": f"Bearer {event['bot_access_token']}"}
    done = {
        "function_execution_id": event["function_execution_id"],
        "outputs": {"outcome": "succeeded"},
    }

    first = await api.http.post("functions.completeSuccess", json=done, headers=token)
    second = await api("functions.completeSuccess", **done)

    assert first.json() == {"ok": True}
    assert second["error"] == "execution_not_in_running_state"
    assert slack.state.completions[0].outputs == {"outcome": "succeeded"}


async def test_a_wait_sees_a_state_that_does_not_last(slack, api):
    seen = asyncio.ensure_future(slack.wait(lambda it: it.text == "running"))

    posted = await api("chat.postMessage", channel="C0OPS", text="running")
    await api("chat.update", channel="C0OPS", ts=posted["ts"], text="done")

    assert (await seen).text == "done"


async def test_a_wait_in_vain_says_what_there_is(slack, api):
    await api("chat.postMessage", channel="C0OPS", text="something else")

    with pytest.raises(TimeoutError, match="something else"):
        await slack.wait(lambda it: it.text == "done", 0.01)
