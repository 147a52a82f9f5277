"""Whoever sends too much hears it in Slack, and it leaves no row."""

import pytest

from desk.rate import Rate

SAID = "You have sent 1 commands within a minute"


@pytest.fixture
def limited(idle):
    idle.desk.ledger._rate = Rate(1, 60)
    return idle


async def test_a_command_too_many_is_answered_in_the_acknowledgement(limited):
    await limited.command("/zstack whoami")

    ack = await limited.command("/zstack whoami")

    assert ack.status == 200
    assert SAID in ack.json["text"]
    assert len(await limited.rows()) == 1


async def test_a_click_too_many_is_answered_in_private(bot):
    await bot.log_in()
    await bot.command("/detach-iso web-01")
    answer = await bot.ended("succeeded")
    bot.desk.ledger._rate = Rate(1, 60)

    ack = await bot.slack.press(answer, "Undo")

    said = await bot.said(SAID)
    assert (ack.status, said.seen_by) == (200, "U0ALICE")
    assert len(bot.node.log.actions()) == 1


async def test_a_step_too_many_fails_with_a_sentence(limited):
    limited.desk.ledger._rate = Rate(0, 60)

    (ack,) = await limited.slack.step("iso_detach", {"vm_instance_uuid": "web-01"})

    assert ack.status == 200
    ended = await limited.slack.completion()
    assert ended.error.endswith("send it again in a minute.")


async def test_what_workflows_ask_in_somebodys_name_keeps_them_from_nothing(limited):
    named = {"vm_instance_uuid": "web-01", "person": "U0ALICE"}
    await limited.slack.step("iso_detach", named)

    await limited.command("/zstack whoami")

    assert len(await limited.rows()) == 2
