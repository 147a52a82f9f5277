"""The same delivery many times at once: one row, one action, one message."""

import asyncio


async def test_the_same_delivery_twenty_times_at_once_is_one_command(bot):
    draft = bot.slack.drafts.command(
        "/detach-iso", "web-01", user="alice", channel="ops"
    )

    acks = await asyncio.gather(*(bot.slack.send(draft) for _ in range(20)))

    await bot.said("succeeded", "web-01")
    assert all(ack.is_ok for ack in acks)
    assert bot.outcomes() == ["succeeded"]
    assert len(bot.actions("web-01")) == 1
    assert len(bot.public()) == 1


async def test_a_delivery_that_comes_again_after_a_crash_is_the_same_command(bot):
    draft = bot.slack.drafts.command(
        "/detach-iso", "web-01", user="alice", channel="ops"
    )
    await bot.slack.send(draft)
    await bot.kill()
    await bot.start()

    again = await bot.slack.send(draft)

    await bot.said("succeeded", "web-01")
    assert again.is_ok
    assert bot.outcomes() == ["succeeded"]
    assert len(bot.actions("web-01")) == 1
