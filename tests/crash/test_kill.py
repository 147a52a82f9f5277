"""kill -9 at the worst moments: the same message ends, and nothing is done twice."""

import asyncio
import random

VMS = (
    "web-01",
    "Web-03",
    "db-02",
    "paused-01",
    *(f"legacy-{n:02}" for n in range(1, 5)),
)


async def test_a_kill_while_the_job_runs_ends_the_same_message(bot):
    await bot.detach("web-01")
    running = await bot.said("running", "web-01")
    await bot.sent("web-01")
    await bot.noted()
    await bot.kill()

    await bot.start()

    assert await bot.said("succeeded", "web-01") is running
    assert len(bot.actions("web-01")) == 1
    assert len(bot.public()) == 1


async def test_a_kill_right_after_the_acknowledgement_loses_nothing(bot):
    ack = await bot.detach("web-01")
    await bot.kill()

    await bot.start()

    assert ack.is_ok
    await bot.said("succeeded", "web-01")
    assert len(bot.actions("web-01")) == 1


async def test_a_job_that_ended_while_nobody_ran_is_found_out(bot):
    await bot.detach("web-01")
    await bot.sent("web-01")
    await bot.kill()
    await bot.node.idle()

    await bot.start()

    await bot.said("succeeded", "web-01")
    assert len(bot.actions("web-01")) == 1


async def test_who_was_logged_in_before_the_kill_still_is(bot):
    await bot.kill()

    await bot.start()
    await bot.slack.command("/zstack", "whoami")

    told = await bot.slack.wait(lambda it: "connected as ops" in it.text)
    assert told.seen_by


async def test_no_moment_to_be_killed_loses_or_doubles_a_command(bot):
    dice, asked = random.Random(20), []
    for vm in VMS:
        asked.append(asyncio.create_task(bot.detach(vm)))
        await asyncio.sleep(dice.uniform(0, 0.8))  # a random moment is the point
        await bot.kill()
        await bot.start()

    taken = [vm for vm, ack in zip(VMS, asked, strict=True) if (await ack).is_ok]
    for vm in taken:
        await bot.said("succeeded", vm)
    assert len(taken) >= len(VMS) // 2
    assert [len(bot.actions(vm)) for vm in taken] == [1] * len(taken)
    await bot.settled()
    assert set(bot.outcomes()) == {"succeeded"}


async def test_all_commands_of_a_killed_bot_go_on_side_by_side(bot):
    for vm in VMS[:4]:
        await bot.detach(vm)
    await bot.sent(VMS[0])
    await bot.kill()

    await bot.start()
    for vm in VMS[:4]:
        await bot.said("succeeded", vm)

    assert [len(bot.actions(vm)) for vm in VMS[:4]] == [1] * 4
