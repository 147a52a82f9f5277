"""Buttons of Alertmanager's own messages: requests, which are always asked about."""

import pytest

from desk.notice import Outcome
from sandbox.alertmanager import slack_attachment
from sandbox.slack.drafts import payload


@pytest.fixture
def posted(bot):
    """What Alertmanager posts with the token of our app."""

    async def post(*buttons, channel="C0OPS"):
        attachment = slack_attachment("<b>web-01</b> is slow", *buttons)
        said = await bot.client.chat_postMessage(
            channel=channel, attachments=[attachment]
        )
        return bot.slack.transcript.find(channel, said["ts"])

    return post


async def test_a_button_is_a_request_that_is_asked_about_and_runs(bot, posted):
    await bot.log_in()
    alert = await posted(("Detach", "iso.detach vm=web-01"))

    ack = await bot.slack.press(alert, "Detach")
    question = await bot.said("Detach ubuntu-24.04.iso from web-01?")
    assert (ack.is_ok, ack.body, question.seen_by) == (True, "", "U0ALICE")
    assert bot.node.log.actions() == []
    await bot.slack.press(question, "Detach it")

    answer = await bot.ended("succeeded")
    assert answer.thread_ts == alert.ts
    assert len(bot.node.log.actions()) == 1
    assert len(alert.edits) == 1


async def test_a_button_that_names_a_cloud_that_is_none_does_nothing(bot, posted):
    await bot.log_in()
    alert = await posted(("Detach", "iso.detach vm=web-01 cloud=moon"))

    await bot.slack.press(alert, "Detach")

    assert await bot.said("There is no cloud “moon”. There is one only: leave it out.")
    assert bot.node.log.actions() == []


async def test_a_no_does_nothing(bot, posted):
    await bot.log_in()
    alert = await posted(("Start", "vm.start uuid=batch-01"))

    await bot.slack.press(alert, "Start")
    await bot.slack.press(await bot.said("Start batch-01?"), "Leave it")

    assert await bot.said("You said no")
    assert bot.node.log.actions() == []


@pytest.mark.parametrize("user", ["guest", "stranger"])
async def test_a_button_is_no_permission(bot, posted, user):
    alert = await posted(("Reboot", "vm.reboot uuid=web-01"), channel="C0SHARED")

    await bot.slack.press(alert, "Reboot", user=user)

    refused = await bot.said("Not allowed: vm.reboot uuid=web-01")
    assert refused.seen_by
    assert bot.node.log.actions() == []


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("silence_15m", "ask whoever wrote the alert"),
        ("vm.reboot uuid=", "A name is empty"),
    ],
)
async def test_garbage_gets_a_private_sentence_and_leaves_the_alert(
    bot, posted, value, said
):
    alert = await posted(("Press", value))

    await bot.slack.press(alert, "Press")

    told = await bot.said(said)
    assert told.seen_by == "U0ALICE"
    assert len(alert.edits) == 1
    assert await bot.rows() == []


async def test_the_same_click_twice_is_one_request(bot, posted):
    await bot.log_in()
    alert = await posted(("Detach", "iso.detach vm=web-01"))
    (control,) = alert.controls
    delivery = bot.slack.drafts.click(alert, control, user="alice")

    for _ in range(2):
        assert (await bot.slack.send(delivery)).is_ok

    rows = [row for row in await bot.rows() if row.operation.startswith("Detach")]
    assert len(rows) == 1


async def test_a_menu_of_an_attachment_is_understood_too(bot, posted):
    await bot.log_in()
    alert = await posted(("Choose", ""))
    clicked = {
        "type": "interactive_message",
        "callback_id": "chatops",
        "actions": [
            {
                "name": "chatops",
                "type": "select",
                "selected_options": [{"value": "vm.start uuid=batch-01"}],
            }
        ],
        "team": {"id": bot.slack.workspace.team},
        "channel": {"id": "C0OPS"},
        "user": {"id": "U0ALICE"},
        "message_ts": alert.ts,
        "action_ts": "1.0",
    }

    ack = await bot.slack.send(bot.slack.drafts.sign(payload(clicked)))

    assert ack.is_ok
    assert await bot.said("Start batch-01?")
    (row, *_) = await bot.rows()
    assert row.outcome is Outcome.ACCEPTED
