"""Where alerts stand follows from what was told, in whatever order it came."""

from hypothesis import given
from hypothesis import strategies as some

from desk.alerts.alert import Status
from desk.alerts.standing import Telling, standings

_tellings = some.lists(
    some.builds(
        Telling,
        number=some.integers(1, 10**6),
        own_key=some.sampled_from("abc"),
        status=some.sampled_from(Status),
        at=some.floats(0, 1e10),
    ),
    unique_by=lambda it: it.number,
)


def telling(number, status, at, own_key="a"):
    return Telling(number, own_key, Status(status), at)


def test_the_newest_telling_counts():
    (stand,) = standings([telling(2, "resolved", 20), telling(1, "firing", 10)])

    assert (stand.status, stand.since, stand.number) == ("resolved", 20, 2)
    assert stand.times == 1


def test_of_a_start_and_an_end_at_one_moment_the_end_counts():
    (stand,) = standings([telling(1, "resolved", 10), telling(2, "firing", 10)])

    assert not stand.is_firing


def test_a_new_start_after_an_end_is_another_time():
    told = [
        telling(1, "firing", 10),
        telling(2, "firing", 11),
        telling(3, "resolved", 20),
        telling(4, "firing", 30),
        telling(5, "firing", 31),
    ]

    (stand,) = standings(told)

    assert (stand.is_firing, stand.since, stand.times) == (True, 30, 2)
    assert stand.number == 5


def test_what_fires_comes_first_and_the_older_before_the_newer():
    told = [
        telling(1, "resolved", 5, "a"),
        telling(2, "firing", 20, "b"),
        telling(3, "firing", 10, "c"),
    ]

    assert [it.number for it in standings(told)] == [3, 2, 1]


@given(told=_tellings, data=some.data())
def test_order_and_repetition_change_nothing(told, data):
    shuffled = data.draw(some.permutations(told + told[:3]))

    found = standings(told)

    assert standings(shuffled) == found
    assert len(found) == len({it.own_key for it in told})


@given(told=_tellings)
def test_each_alert_stands_as_its_latest_telling_says(told):
    for stand in standings(told):
        telling = next(it for it in told if it.number == stand.number)
        same = [it for it in told if it.own_key == telling.own_key]

        assert telling.at == max(it.at for it in same)
        assert stand.since <= telling.at
