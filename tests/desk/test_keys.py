"""The same cause has the same key, and no two causes share one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk import keys
from desk.person import Person
from tests.desk.conftest import ALICE, BOB

CAUSES = {
    "slash command": lambda: keys.slash_command("A1", ALICE, "1.2.abc"),
    "of another person": lambda: keys.slash_command("A1", BOB, "1.2.abc"),
    "of another app": lambda: keys.slash_command("A2", ALICE, "1.2.abc"),
    "click": lambda: keys.click("offer"),
    "look": lambda: keys.look("offer", "1.2.abc"),
    "approval": lambda: keys.approval("offer", ALICE),
    "another's approval": lambda: keys.approval("offer", BOB),
    "view": lambda: keys.view("V1", "hash"),
    "view filled in anew": lambda: keys.view("V1", "other"),
    "workflow step": lambda: keys.workflow_step("Fx1"),
    "event": lambda: keys.event("Ev1"),
    "mention": lambda: keys.mention("C1", "1.2"),
    "alert": lambda: keys.alert("grafana", "f1"),
    "another source's": lambda: keys.alert("zwatch", "f1"),
    "schedule": lambda: keys.schedule("s1", 1.5),
    "the next time": lambda: keys.schedule("s1", 2.5),
    "child": lambda: keys.child("k7", 0),
}


@pytest.mark.parametrize("cause", CAUSES)
def test_the_same_cause_has_the_same_key(cause):
    assert CAUSES[cause]() == CAUSES[cause]()


def test_no_two_causes_share_a_key():
    assert len({cause() for cause in CAUSES.values()}) == len(CAUSES)


@given(st.text(), st.text(), st.text())
def test_where_one_part_ends_and_the_next_begins_counts(first, second, third):
    assert keys.view(first + second, third) != keys.view(first, second + third) or (
        second == ""
    )


@given(st.text(), st.text())
def test_a_key_fits_its_column_whatever_comes(source, own):
    assert len(keys.alert(source, own)) <= 255


NAMES = st.tuples(*[st.text(alphabet=st.sampled_from("U0|%25C7"))] * 3)


def _person(names):
    return Person(enterprise=names[0], team=names[1], user=names[2])


@given(NAMES)
def test_a_person_is_read_back_from_their_key(names):
    person = _person(names)

    assert Person.of(person.key) == person


@given(NAMES, NAMES)
def test_no_two_people_share_a_key(one, other):
    assert (_person(one).key == _person(other).key) is (one == other)


def test_the_key_of_somebody_from_slack_is_plain():
    assert _person(("E0", "T0", "U0")).key == "E0|T0|U0"
