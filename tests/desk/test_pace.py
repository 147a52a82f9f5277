"""How often a job is looked at: by itself, beside ZStack's calls, and in a crowd."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.client import poll_delay
from desk.command import Command
from desk.steps.pace import AT_MOST, CALLS_COUNT, Watch, pause, progress_pause
from tests.desk.conftest import ALICE

NOW = 10_000.0


def row(row_id="r1", *, called_ago=None, waiting=1, deadline_in=3600.0):
    return Command(
        id=row_id,
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


@pytest.mark.parametrize(
    ("others", "waiting", "milliseconds"),
    [
        pytest.param([], 1, 8, id="alone"),
        pytest.param([1.25], 2, 9.28, id="beside an older one"),
        pytest.param([0], 2, 16, id="beside one as young"),
        pytest.param([], 101, 14.4, id="beside a hundred that nobody watches"),
        pytest.param([], 2000, 135.936, id="in a crowd that nobody watches"),
    ],
)
def test_a_watched_job_leaves_the_others_their_looks(others, waiting, milliseconds):
    watch = Watch()
    for number, waited in enumerate(others):
        watch.share(row(f"other{number}"), waited)

    share = watch.share(row(waiting=waiting), 0)

    assert share * 1000 == pytest.approx(milliseconds)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=40))
def test_all_who_watch_together_look_no_more_often_than_they_may(waited):
    watch = Watch()
    for _ in range(2):  # by then each knows of all
        shares = [watch.share(row(f"r{i}"), it) for i, it in enumerate(waited)]

    looks = [1 / max(it) for it in zip(shares, map(poll_delay, waited), strict=True)]

    assert sum(looks) <= AT_MOST * 1.000_001


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
