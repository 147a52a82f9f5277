"""kill -9 between the click on an alert's button, its answer, and the card that tells of it."""

import pytest

from sandbox.alertmanager import Alertmanager
from sandbox.demo import ON_CALL
from sandbox.oncall import TOKEN, is_card
from tests.crash.dying import at_call

VM, BUTTON = "legacy-06", "Detach debian-12.iso"
POINTS = {
    "pressed and not recorded": at_call("before", "desk.ledger:Ledger.accept"),
    "recorded and not acknowledged": at_call("after", "desk.ledger:Ledger.accept"),
    "not sent": at_call("before", "api.client:ZStack.submit"),
    "sent and not answered": at_call("after", "api.client:ZStack.submit"),
    "the card not drawn": at_call("before", "desk.alerts.cards:Cards.draw"),
    "done and not told": at_call("before", "desk.outbox:Outbox.told"),
}


@pytest.fixture
async def card(world):
    """The card of an alert, of a bot that is killed then; what the next one dies of."""

    async def told(death=None):
        world.settings |= ON_CALL
        await world.start()
        await world.log_in()
        source = Alertmanager()
        source.fire("CannotMigrate", VMUuid=world.node.world.vm(VM).uuid)
        await source.tell(f"{world.slack.bot_url}/alerts/alertmanager", TOKEN)
        await world.slack.wait(lambda it: is_card(it) and bool(it.controls), 10)
        await world.settled()
        await world.bot.kill()
        await world.start(death)

    return told


@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS)
async def test_a_click_is_carried_out_once_and_the_card_tells_so(world, card, point):
    await card(point)
    await world.press(BUTTON)
    await world.died()

    await world.start()
    await world.press_again(BUTTON)  # as people do who saw nothing happen

    done = await world.slack.wait(lambda it: is_card(it) and "succeeded" in it.text, 30)
    await world.settled()
    changed = [it for it in world.node.log.actions() if it.changed]
    answers = [it for it in world.slack.messages("ops") if it.outcome == "succeeded"]
    assert [it.api for it in changed] == ["DetachIsoFromVmInstance"]
    assert [it.thread_ts for it in answers] == [done.ts]
    assert len([it for it in world.slack.messages("ops") if is_card(it)]) == 1
