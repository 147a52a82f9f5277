"""kill -9 between a row of the audit, its line for the channel, and its place in Slack."""

import asyncio

import pytest

from tests.crash.dying import at_call
from tests.crash.world import POLICY, made

POINTS = {
    "read and not put": at_call("before", "desk.audit_channel:AuditChannel._put"),
    "put by a transaction that never ends": at_call("after", "desk.cursor:Cursor.move"),
    "put and not posted": at_call("after", "desk.audit_channel:AuditChannel._put"),
}
AT_SLACK = {
    "before it is posted": at_call("before", "handlers.slack.voice:Voice.say"),
    "posted and not kept": at_call("before", "desk.outbox:Outbox.told"),
}


def copied(world):
    """Have the audit told in #ops."""
    path = world.directory / "policy.yaml"
    path.write_text(f"{POLICY}\naudit: {{channel: C0OPS}}\n")


def lines(world):
    return [
        line
        for message in world.slack.messages("ops")
        if (message.metadata or {}).get("event_type") == "zstack_audit"
        for line in message.text.splitlines()[1:]
    ]


def is_told(text):
    return lambda it: "audit_id" in str(it.metadata) and text in it.text


async def detached(world):
    """Detach an ISO, and wait until the channel knows; the events that it was told."""
    await world.type("/detach-iso web-01")
    await world.slack.wait(is_told("ended “/detach-iso web-01”"), 60)
    numbers = [int(line.split(" · ")[0]) for line in lines(world)]
    assert numbers == [*range(1, len(numbers) + 1)]
    return [line.split(" · ")[3].split()[0] for line in lines(world)]


@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS)
async def test_each_row_is_told_once_whenever_the_bot_is_killed(world, point):
    copied(world)
    await world.start(point)
    await world.log_in()
    await world.died()
    await world.start()

    events = await detached(world)

    assert events == ["connected", "ended", "sent", "ended"]


@pytest.mark.parametrize("point", AT_SLACK.values(), ids=AT_SLACK)
async def test_a_line_stands_once_when_the_bot_is_killed_beside_its_post(world, point):
    copied(world)
    await world.start(POINTS["put and not posted"])
    await world.log_in()
    await world.died()
    await world.start(point)
    await world.died()
    await world.start()

    events = await detached(world)

    assert events == ["connected", "ended", "sent", "ended"]
    await world.settled()
    assert len(lines(world)) == len(events)


async def test_who_is_killed_after_a_log_in_has_told_of_it(world):
    copied(world)
    await world.start(at_call("before", "desk.login:let_go_on"))
    await world.log_in()
    await world.died()
    await world.start()

    events = await detached(world)

    assert events == ["connected", "sent", "ended"]


async def test_of_two_replicas_one_is_killed_and_each_row_is_told_once(
    nursery, tmp_path, postgres_url
):
    async with made(tmp_path, nursery, postgres_url, replicas=2) as world:
        copied(world)
        await world.start(POINTS["put and not posted"])
        await world.start(replica=1)
        await world.log_in()
        for _ in range(3):
            await world.type("/zstack whoami")
            await asyncio.sleep(1)

        events = await detached(world)

    assert events.count("connected") == 1
    assert events[-2:] == ["sent", "ended"]
