"""kill -9 between an alert's recording, its card, and its place in Slack."""

import asyncio

import httpx
import pytest

from tests.crash.dying import at_call
from tests.crash.world import made

ALERT = {"title": "CPU of web-01", "key": "cpu", "id": "1"}
SETTINGS = {"ALERT_TOKEN": "token", "ALERT_CHANNEL": "C0OPS"}

POINTS = {
    "not recorded": at_call("before", "desk.alerts.book:Book.record"),
    "recorded and not answered": at_call("after", "desk.alerts.book:Book.record"),
    "claimed and not drawn": at_call("before", "desk.alerts.cards:Cards.draw"),
    "drawn in a transaction that never ends": at_call(
        "after", "desk.alerts.cards:Cards._settle"
    ),
    "drawn and not told": at_call("after", "desk.alerts.cards:Cards._draw"),
    "taken by Slack with a place nobody keeps": at_call(
        "before", "desk.outbox:Outbox.told"
    ),
}


async def deliver(world, base="", **more):
    """Tell of the alert as a source does: again after a while, until it is accepted."""
    url = f"{base or world.slack.bot_url}/alerts/generic"
    headers = {"Authorization": "Bearer token"}
    async with asyncio.timeout(20), httpx.AsyncClient(trust_env=False) as source:
        while True:
            try:
                answer = await source.post(url, json=ALERT | more, headers=headers)
            except httpx.TransportError:
                await asyncio.sleep(0.2)
                continue
            if answer.status_code == 202:
                return
            await asyncio.sleep(0.2)


def cards(world):
    return [it for it in world.slack.messages("ops") if "alert_id" in str(it.metadata)]


@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS)
async def test_an_alert_has_one_card_whenever_the_bot_is_killed(world, point):
    world.settings |= SETTINGS
    await world.start(point)
    source = asyncio.create_task(deliver(world))
    await world.died()

    await world.start()

    await source
    await world.slack.wait(lambda it: "🔥 CPU of web-01" in it.text, 30)
    await world.settled()
    assert len(cards(world)) == 1


async def test_a_card_goes_on_after_a_kill_where_it_stood(world):
    world.settings |= SETTINGS
    await world.start()
    await deliver(world)
    await world.slack.wait(lambda it: "🔥 CPU of web-01" in it.text)
    await world.settled()
    await world.bot.kill()
    await world.start()

    await deliver(world, id="2", status="resolved")

    await world.slack.wait(lambda it: "✅ Resolved: CPU of web-01" in it.text, 20)
    assert len(cards(world)) == 1


async def test_two_replicas_that_hear_the_same_tell_it_once(
    nursery, tmp_path, postgres_url
):
    async with made(tmp_path, nursery, postgres_url, replicas=2) as world:
        world.settings |= SETTINGS
        for replica in range(2):
            await world.start(replica=replica)
        doors = [f"http://127.0.0.1:{port}" for port in world.ports]

        await asyncio.gather(*(deliver(world, door) for door in doors * 5))

        await world.slack.wait(lambda it: "🔥 CPU of web-01" in it.text, 20)
        await deliver(world, doors[1], id="2", status="resolved")
        await world.slack.wait(lambda it: "✅ Resolved: CPU of web-01" in it.text, 20)
        assert len(cards(world)) == 1
