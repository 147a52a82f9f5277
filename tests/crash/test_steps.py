"""kill -9 while a workflow waits: it hears the end of its step, and hears it once."""

import pytest

from sandbox.slack import events
from tests.crash import tally
from tests.crash.dying import at_call

DETACH = ("iso_detach", {"vm_instance_uuid": "web-01", "person": "U0ALICE"})
COMPLETE = "handlers.slack.deliver:complete"
ACCEPT = "desk.ledger:Ledger.accept"


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_kill_around_the_call_that_ends_a_step(world, moment):
    await world.start(at_call(moment, COMPLETE))
    assert await world.log_in()
    await world.slack.step(*DETACH)
    await world.press("Run")
    await world.died()

    await world.start()

    await world.settled()
    await tally.check(world, ["succeeded"], actions=1)
    assert world.slack.state.completions[0].outputs["outcome"] == "succeeded"


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_kill_while_a_step_is_recorded(world, moment):
    await world.start(at_call(moment, ACCEPT, nth=2))  # the first is the log-in
    assert await world.log_in()
    inner = events.function_executed(world.slack.state, *DETACH)
    acks = await world.slack.event(inner)
    await world.start()

    again = await world.slack.event(inner)  # as Slack does a minute later
    await world.press("Run")

    assert not any(it.is_ok for it in acks)
    assert again[-1].is_ok
    await world.settled()
    await tally.check(world, ["succeeded"], actions=1)


async def test_a_kill_between_the_question_and_run(world):
    await world.start()
    assert await world.log_in()
    await world.slack.step(*DETACH)
    await world.slack.wait(lambda it: "A workflow asks you" in it.text)
    await world.bot.kill()

    await world.start()
    await world.press("Run")

    await world.settled()
    await tally.check(world, ["succeeded"], actions=1)
