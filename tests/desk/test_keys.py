"""The same cause has the same key, and no two causes share one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

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


PART = st.text(alphabet=st.characters(exclude_characters="|"))


@given(PART, PART, PART)
def test_a_person_is_read_back_from_their_key(enterprise, team, user):
    person = Person(enterprise=enterprise, team=team, user=user)

    assert Person.of(person.key) == person


@pytest.mark.parametrize("part", ["enterprise", "team", "user"])
def test_nobody_has_a_name_that_could_be_two_people(part):
    names = {"enterprise": "E0", "team": "T0", "user": "U0"}

    with pytest.raises(ValidationError):
        Person(**names | {part: "T0|U0"})
