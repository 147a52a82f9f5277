"""How often Slack is asked, by a clock that is moved by hand."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as some

from desk.errors import NotYet, Undeliverable
from desk.notice import Slot
from handlers.slack.deliver import SlackDeliver
from handlers.slack.pace import BURST, POST, Pace
from sandbox.slack import Fault


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def pace(clock):
    return Pace(clock)


@pytest.fixture
def post(pace):
    """Ask whether somebody may post."""
    return lambda who, channel="C1": pace.wait(POST, channel, who)


@pytest.fixture
def crowd(post):
    """So many who may post at once, and no more."""
    return [post(f"early {number}") for number in range(BURST)]


def test_a_channel_takes_a_short_burst_and_then_one_a_second(post, crowd):
    assert crowd == [0] * BURST

    assert [post("a"), post("b"), post("c")] == [1, 2, 3]


def test_who_waits_goes_at_its_turn_whoever_comes_meanwhile(post, crowd, clock):
    post("a")
    post("b")

    clock.now += 0.5
    assert (post("a"), post("late")) == (0.5, 2.5)
    clock.now += 0.5
    assert (post("a"), post("b")) == (0, 1)


def test_who_is_last_posts_only_where_another_could_post_at_once(pace, post, clock):
    last = partial(pace.wait, POST, "C1", "audit", is_last=True)

    assert [last() for _ in range(BURST)] == [0] * (BURST - 1) + [1]
    assert post("a") == 0
    assert last() == 2
    assert post("b") == 1
    clock.now += 3
    assert (post("b"), last()) == (0, 0)


def test_channels_do_not_wait_for_each_other(post, crowd):
    assert post("a", "C1") == 1
    assert post("a", "C2") == 0


def test_a_quiet_channel_takes_a_burst_again(post, crowd, clock):
    clock.now += BURST

    assert [post(f"again {number}") for number in range(BURST)] == [0] * BURST
    assert post("one more") == 1


def test_after_a_429_the_whole_channel_waits_and_then_goes_one_by_one(
    post, pace, clock
):
    pace.hold(POST, "C1", 30)

    assert [post("a"), post("b"), post("a", "C2")] == [30, 31, 0]
    clock.now += 30
    assert [post("a"), post("b"), post("c")] == [0, 1, 2]


def test_who_waited_already_queues_anew_after_a_429(post, pace, crowd, clock):
    post("a")

    pace.hold(POST, "C1", 30)
    clock.now += 1

    assert post("a") == 29


def test_a_429_of_anything_else_holds_that_method_everywhere(pace, clock):
    pace.hold("chat.update", "C1", 5)

    assert pace.wait("chat.update", "C2", "a") == 5
    assert pace.wait("conversations.open", "", "") == 0
    clock.now += 5
    assert pace.wait("chat.update", "C2", "a") == 0


def test_no_wish_to_wait_is_obeyed_for_more_than_an_hour(pace):
    pace.hold("chat.update", "C1", 1e6)

    assert pace.wait("chat.update", "C1", "a") == 3600


@given(some.lists(some.tuples(some.floats(0, 5), some.integers(0, 30)), max_size=40))
def test_no_stretch_of_time_has_more_posts_than_a_burst_and_one_a_second(asked):
    clock, went = Clock(), []
    pace = Pace(clock)
    for seconds, who in asked:
        clock.now += seconds
        if pace.wait(POST, "C1", str(who)) == 0:
            went.append(clock.now)

    for first in range(len(went)):
        for last in range(first, len(went)):
            room = BURST + (went[last] - went[first])
            assert last - first + 1 <= room + 1e-6


@pytest.fixture
def paced(idle, notice, place, pace):
    """Deliver by that clock."""
    deliver = SlackDeliver(idle.client, None, pace=pace)

    async def tell(command_id, known=None, channel="C0OPS"):
        said = notice(Slot.ANSWER, command_id=command_id)
        return await deliver.deliver(place(channel), said, *filter(None, [known]))

    return tell


async def test_posts_of_one_channel_wait_and_those_of_another_do_not(paced, clock):
    for number in range(BURST):
        await paced(f"c{number}")

    with pytest.raises(NotYet) as caught:
        await paced("late")
    assert caught.value.seconds == 1
    assert await paced("late", channel="C0RANDOM")

    clock.now += 1
    assert await paced("late")


async def test_after_a_429_nobody_asks_before_slack_wished(paced, idle, clock):
    limit = Fault("chat.postMessage", "rate_limited", count=9, seconds=7)
    idle.slack.faults.add(limit)
    with pytest.raises(Undeliverable):
        await paced("a")

    for command_id in ("a", "b", "c"):
        with pytest.raises(NotYet):
            await paced(command_id)
    assert limit.count == 8

    idle.slack.faults.clear()
    clock.now += 7
    assert await paced("a")


async def test_blocks_that_slack_refuses_take_no_second_turn(paced, idle):
    for number in range(BURST - 1):
        await paced(f"c{number}")
    idle.slack.faults.add(Fault("chat.postMessage", "refuse", error="invalid_blocks"))

    assert await paced("last")
