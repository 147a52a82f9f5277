"""kill -9 between two steps' commits, at the moments that matter most."""

import pytest

from tests.crash import tally
from tests.crash.dying import at_call

# What was just done, or not, when the bot dies while it serves a command.
POINTS = {
    "recorded but not acknowledged": at_call("after", "desk.ledger:Ledger.accept"),
    "taken by ZStack with an answer nobody reads": at_call(
        "before", "desk.steps.send:_accepted"
    ),
    "taken by Slack with a place nobody keeps": at_call(
        "before", "desk.outbox:Outbox.told"
    ),
    "told the end without noting it": at_call("before", "desk.outbox:Outbox.told", 2),
    "told in the thread without noting it": at_call(
        "before", "desk.outbox:Outbox.told", 3
    ),
}


@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS)
async def test_a_kill_within_a_step_loses_and_doubles_nothing(world, point):
    await world.start()
    await world.log_in()
    await world.settled()
    await world.bot.kill()
    await world.start(point)
    await world.type("/detach-iso agentless-01")
    await world.died()

    await world.start()

    await world.settled()
    await tally.check(world, ["failed"], actions=1)


async def test_what_was_not_recorded_was_not_acknowledged_and_is_not_done(world):
    await world.start()
    await world.log_in()
    await world.bot.kill()
    await world.start(at_call("before", "desk.ledger:Ledger.insert"))

    ack = await world.type("/detach-iso web-01")

    await world.died()
    await world.start()
    await world.settled()
    assert not ack.is_ok
    await tally.check(world, [], actions=0)


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_log_in_that_is_cut_off_is_done_again(world, moment):
    await world.start(at_call(moment, "desk.sessions:Sessions.keep"))
    await world.type("/detach-iso web-01")
    assert not await world.log_in()
    await world.died()
    await world.start()

    await world.log_in()

    await world.settled()
    await tally.check(world, ["succeeded"], actions=1)


async def test_a_job_that_ended_while_nobody_ran_is_found_out_at_once(world):
    world.node.settings.change(web_hook="never")
    await world.start()
    await world.log_in()
    await world.type("/detach-iso web-01")
    await world.books.stands("follow.1")
    await world.bot.kill()
    await world.node.idle()

    await world.start()

    await world.settled(within=5)
    await tally.check(world, ["succeeded"], actions=1)


async def test_all_commands_of_a_killed_bot_go_on_side_by_side(world):
    await world.start()
    await world.log_in()
    for vm in ("web-01", "db-02", "paused-01", "legacy-01"):
        await world.type(f"/detach-iso {vm}")
    await world.books.stands("follow.1")
    await world.bot.kill()

    await world.start()

    await world.settled()
    await tally.check(world, ["succeeded"] * 4, actions=4)
