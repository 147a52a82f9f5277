"""From the delivery of an alert to its card in Slack, which is edited in place."""

import pytest

from desk.alerts.cards import TAKE
from desk.deliver import Known
from desk.errors import Undeliverable
from desk.notice import Notice, Slot, Stand
from handlers.slack.deliver import in_channel
from sandbox.slack import Fault

FIRING = {"title": "CPU of web-01", "key": "cpu", "severity": "critical"}
RESOLVED = FIRING | {"status": "resolved"}

on_both = pytest.mark.parametrize(
    "database_url", ["sqlite", "postgresql"], indirect=True
)


def status(message):
    return message.metadata.get("event_payload", {}).get("status", "")


@on_both
async def test_an_alert_fires_is_taken_and_resolves_in_one_message(bot):
    await bot.alert(FIRING | {"text": "<!channel> *now*"})
    card = await bot.said("🔥 CPU of web-01")
    await bot.slack.press(card, TAKE)
    await bot.said("You have it: CPU of web-01")
    await bot.slack.wait(lambda it: it is card and "U0ALICE" in str(it.blocks))

    await bot.alert(RESOLVED)

    await bot.slack.wait(lambda it: status(it) == "resolved", 20)
    assert len(bot.slack.messages("ops")) == 2
    assert "✅ Resolved: CPU of web-01" in card.text
    assert "U0ALICE" in str(card.blocks)
    assert card.metadata["event_type"] == "zstack_alert"
    assert not card.controls


async def test_a_card_follows_values_and_annotations_of_an_alert_that_goes_on(bot):
    def delivery(value):
        summary = {"summary": f"Disk of db-01 is {value} full"}
        one = {"status": "firing", "labels": {"alertname": "Disk"}, "fingerprint": "f"}
        one |= {"annotations": summary, "startsAt": "2026-11-24T10:00:00Z"}
        return {"version": "4", "groupKey": "g", "alerts": [one]}

    await bot.alert(delivery("90 %"), source="alertmanager")
    card = await bot.said("🔥 Disk")
    assert "90 % full" in str(card.blocks)

    await bot.alert(delivery("99 %"), source="alertmanager")

    await bot.slack.wait(lambda it: "99 % full" in str(it.blocks), 20)
    assert len(bot.slack.messages("ops")) == 1
    assert "90 % full" not in str(card.blocks)


async def test_an_alert_speaks_in_plain_text(bot):
    await bot.alert(FIRING | {"text": "<!channel> *now* <https://evil.example|look>"})

    card = await bot.said("CPU of web-01")

    kinds = str(card.blocks)
    assert "mrkdwn" not in kinds
    assert "'text': '<!channel> *now*" in kinds or "<!channel> *now*" in kinds
    assert "&lt;!channel&gt;" in card.text


async def test_a_guest_may_not_take_an_alert(bot):
    await bot.alert(FIRING)
    card = await bot.said("CPU of web-01")

    await bot.slack.press(card, TAKE, user="guest")

    refusal = await bot.said("Not allowed")
    assert refusal.seen_by == "U0GUEST"


CARD = Notice(slot=Slot.ANSWER, command_id="g1", title="CPU", stand=Stand.FIRING)
OPS = in_channel("C0OPS")


async def test_a_card_whose_message_was_deleted_is_posted_again(idle):
    receipt = await idle.deliver.deliver(OPS, CARD)
    idle.slack.faults.add(Fault("chat.update", "refuse", error="message_not_found"))

    known = Known(receipt=receipt)
    again = await idle.deliver.deliver(OPS, CARD, known)

    assert (again["channel"], again != receipt) == ("C0OPS", True)


async def test_a_card_whose_channel_is_closed_waits_for_it_to_open(idle):
    idle.slack.workspace.channel("ops").archived = True

    with pytest.raises(Undeliverable) as caught:
        await idle.deliver.deliver(OPS, CARD)

    assert caught.value.retry_after == 60
    assert idle.slack.messages() == []


async def test_a_card_that_slack_did_not_confirm_is_found_again(idle):
    idle.slack.faults.add(Fault("chat.postMessage", "drop_after"))
    began = idle.slack.clock()
    with pytest.raises(Undeliverable):
        await idle.deliver.deliver(OPS, CARD)

    known = Known(tried_at=began)
    await idle.deliver.deliver(OPS, CARD, known)

    assert len(idle.slack.messages()) == 1
