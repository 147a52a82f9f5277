"""How often a job is looked at: by itself, beside ZStack's calls, and in a crowd."""

import bisect
import heapq

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.command import Command
from desk.steps.pace import AT_MOST, CALLS_COUNT, Looks, pause, progress_pause
from tests.desk.conftest import ALICE

NOW = 10_000.0


def row(*, called_ago=None, waiting=1, deadline_in=3600.0):
    return Command(
        id="r1",
        key="k1",
        person=ALICE,
        place={},
        words="",
        operation="",
        arguments={},
        step="follow.1",
        outcome="running",
        deadline=NOW + deadline_in,
        claimed_at=NOW,
        any_call_at=None if called_ago is None else NOW - called_ago,
        waiting=waiting,
    )


@pytest.mark.parametrize(
    ("waited", "seconds"),
    [
        pytest.param(0, 0.008, id="just sent"),
        pytest.param(3, 0.12, id="a small part of the time so far"),
        pytest.param(600, 1, id="never more than a second"),
    ],
)
def test_a_job_that_zstack_does_not_call_about_is_looked_at_often(waited, seconds):
    assert pause(row(), waited) == seconds
    assert pause(row(called_ago=CALLS_COUNT), waited) == seconds


def test_while_zstack_calls_back_a_job_is_looked_at_every_half_minute():
    assert pause(row(called_ago=1), 3) == 30


def test_who_does_not_listen_relies_on_no_call():
    assert pause(row(called_ago=1), 3, listens=False) == pause(row(), 3)


@pytest.mark.parametrize(
    ("called_ago", "waiting", "seconds"),
    [
        pytest.param(1, 90, 30, id="a few called about"),
        pytest.param(1, 2100, 700, id="a crowd called about"),
        pytest.param(None, 100, 1, id="a few not called about"),
        pytest.param(None, 2000, 16, id="a crowd not called about"),
    ],
)
def test_a_crowd_shares_so_many_looks_a_second(called_ago, waiting, seconds):
    assert pause(row(called_ago=called_ago, waiting=waiting), 60) == seconds


def test_without_a_crowd_all_who_wait_look_as_they_like():
    assert pause(row(waiting=2000), 60, is_crowd=False) == 1


def test_looks_are_many_for_a_second_after_the_last_that_whoever_asks_may_have():
    now = 0.0
    looks = Looks(lambda: now)
    for _ in range(int(AT_MOST) - 1):
        looks.note()
    assert not looks.are_many

    looks.note()
    assert looks.are_many

    now = 1.0
    assert not looks.are_many


@given(st.lists(st.floats(0, 100), min_size=1, max_size=400))
def test_a_crowd_takes_no_more_than_twice_the_looks_of_a_second(ages):
    now = 0.0
    looks, taken = Looks(lambda: now), []
    due = [(index * 0.002, index) for index in range(len(ages))]
    while due[0][0] < 3:
        now, index = heapq.heappop(due)
        looks.note()
        taken.append(now)
        waiting = row(waiting=len(ages))
        later = pause(waiting, ages[index] + now, is_crowd=looks.are_many)
        heapq.heappush(due, (now + later, index))

    a_second = [bisect.bisect(taken, at + 1) - i for i, at in enumerate(taken)]

    assert max(a_second) <= 2 * AT_MOST


def test_a_deadline_is_not_slept_through_in_a_crowd():
    assert pause(row(called_ago=1, waiting=2000, deadline_in=7), 60) == 7


@pytest.mark.parametrize(
    ("waiting", "seconds"),
    [
        pytest.param(1, 5, id="alone"),
        pytest.param(40, 60, id="as many as may be told of in a minute"),
    ],
)
def test_progress_is_asked_for_no_more_often_than_it_may_be_told(waiting, seconds):
    assert progress_pause(row(waiting=waiting)) == seconds
