"""The whole way through: typed, recorded, done, told."""

import pytest

pytestmark = pytest.mark.parametrize(
    "database_url", ["sqlite", "postgresql"], indirect=True
)


async def test_a_command_is_one_message_edited_to_its_outcome(bot):
    await bot.log_in()

    ack = await bot.command("/detach-iso web-01")

    answer = await bot.ended("succeeded")
    assert (ack.is_ok, ack.body) == (True, "")
    assert answer.channel == "C0OPS"
    assert answer.edits[0].outcome == "running"
    assert len([it for it in bot.slack.messages("ops") if it.outcome]) == 1
