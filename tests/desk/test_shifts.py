"""Who comes on call without a session hears of it, once a shift."""

import asyncio
from dataclasses import replace

import pytest

from desk.notice import Slot
from desk.policy import Policy
from desk.rolls import Unanswered
from desk.shifts import remind
from tests.desk.conftest import ALICE, BOB

POLICY = Policy.model_validate(
    {
        "rotas": {
            "platform": {"slack_group": "S1"},
            "network": {"pagerduty_schedule": "P1"},
        }
    }
)


@pytest.fixture
def on_call(bench):
    """Put people on call; PagerDuty is not set up."""
    bench.desk = replace(bench.desk, policy=lambda: POLICY)

    def put(*people):
        bench.people.lists["S1"] = {it.user for it in people}

    return put


async def told(bench):
    await remind(bench.desk)
    await bench.carry()
    found = [it for it in bench.told.said if it[1].slot is Slot.DIRECT]
    bench.told.said.clear()
    return [(place["user"], notice.title) for place, notice, _ in found]


MISSING = "You are on call for platform, and not connected to ZStack"


async def test_only_who_is_not_connected_is_told(bench, on_call):
    on_call(ALICE, BOB)

    assert await told(bench) == [(BOB.user, MISSING)]


async def test_it_is_told_once_a_shift(bench, on_call):
    on_call(BOB)

    first, second = await told(bench), await told(bench)
    on_call(ALICE)
    between = await told(bench)
    on_call(BOB)

    assert first == [(BOB.user, MISSING)]
    assert (second, between) == ([], [])
    assert await told(bench) == [(BOB.user, MISSING)]


async def test_two_replicas_tell_it_once(bench, on_call):
    on_call(ALICE)
    await remind(bench.desk)
    on_call(BOB)

    await asyncio.gather(*(remind(bench.desk) for _ in range(4)))

    assert await told(bench) == [(BOB.user, MISSING)]


async def test_nobody_is_told_while_nobody_can_say(bench, on_call):
    on_call(BOB)
    bench.people.lists["S1"] = Unanswered("Slack is away")
    assert await told(bench) == []

    on_call(BOB)

    assert await told(bench) == [(BOB.user, MISSING)]
