"""What a rule is about: operations, resources, hours, freezes, how many at once."""

from datetime import UTC, datetime, timedelta

import pytest

from api.operation import Risk
from desk.person import SHELL, Person, Standing
from desk.policy import Channel, Kind, Resource, Subjects
from desk.policy.conditions import Freeze, Hours, What, When, Where
from tests.desk.policy.asking import ALICE, MONDAY, WEB, ask, who

ROOT = Person(enterprise="", team=SHELL, user="root")
PAT = Person(enterprise="", team="T2", user="UALICE")


@pytest.mark.parametrize(
    ("subjects", "person", "fits"),
    [
        (Subjects(), who(), True),
        (Subjects(users=("UALICE",)), who(), True),
        (Subjects(users=("UBOB",)), who(), False),
        (Subjects(users=("UALICE",)), who(PAT, Standing.VISITOR), False),
        (Subjects(users=("T2/UALICE",)), who(PAT, Standing.VISITOR), True),
        (Subjects(users=("UALICE",)), who(ROOT), False),
        (Subjects(users=("shell/root",)), who(ROOT), True),
        (Subjects(shell=True), who(ROOT), True),
        (Subjects(shell=False), who(ROOT), False),
        (Subjects(groups=("S1",)), who(groups=frozenset({"S1"})), True),
        (Subjects(groups=("S1",)), who(unknown={"S1": "why"}), None),
        (Subjects(users=("UALICE",), groups=("S1",)), who(unknown={"S1": "why"}), True),
        (Subjects(on_call=("ops",)), who(), False),
        (Subjects(accounts=("op*",)), who(accounts=frozenset({"ops"})), True),
        (Subjects(accounts=("op*",)), who(), None),
    ],
)
def test_subjects_are_whoever_one_of_them_fits(subjects, person, fits):
    assert subjects.fit(person) is fits


@pytest.mark.parametrize(
    ("what", "fits"),
    [
        (What(), True),
        (What(commands=("vm *",)), True),
        (What(commands=("iso *",)), False),
        (What(operations=("Stop*",)), True),
        (What(commands=("iso *",), operations=("StopVmInstance",)), True),
        (What(commands=("vm *",), risks=(Risk.READ,)), False),
        (What(risks=(Risk.DISRUPT,)), True),
    ],
)
def test_operations_fit_by_words_or_name_and_by_risk(what, fits):
    assert what.fit(ask()) is fits


@pytest.mark.parametrize(
    ("where", "resource", "fits"),
    [
        (Where(), None, True),
        (Where(names=("web-*",)), WEB, True),
        (Where(names=("a" * 32,)), WEB, True),
        (Where(names=("WEB-*",)), WEB, False),
        (Where(names=("web-*",), zones=("west",)), WEB, False),
        (Where(tags=("prod",), zones=("east",), clusters=("c?",)), WEB, True),
        (Where(clouds=("main",)), WEB, True),
        (Where(clusters=("c1",)), Resource(name="web-01"), None),
        (Where(names=("db-*",), clusters=("c1",)), Resource(name="web-01"), False),
        (Where(tags=("prod",)), Resource(name="web-01", tags=frozenset()), False),
        (Where(names=("web-*",)), None, False),
        (Where(clouds=("main",)), None, True),
        (Where(names=("web-*",), clouds=("main",)), None, False),
    ],
)
def test_a_resource_has_to_fit_in_all_that_is_said(where, resource, fits):
    assert where.fit(ask(resource=resource)) is fits


@pytest.mark.parametrize(
    ("where", "cloud", "fits"),
    [
        pytest.param(Where(clouds=("other",)), "main", False, id="another cloud"),
        pytest.param(Where(clouds=("main",)), "main", True, id="the cloud"),
        pytest.param(Where(clouds=("main",), names=("x",)), "main", None, id="a VM"),
        pytest.param(Where(clouds=("*",)), None, False, id="no cloud is asked"),
    ],
)
def test_the_cloud_is_known_before_the_vm(where, cloud, fits):
    early = ask(resource=None, is_early=True, cloud=cloud)

    assert where.fit(early) is fits


@pytest.mark.parametrize(
    ("hours", "hour", "holds"),
    [
        ({}, 12, True),
        ({"after": "09:00", "before": "18:00"}, 9, True),
        ({"after": "09:00", "before": "18:00"}, 18, False),
        ({"after": "13:00"}, 12, False),
        ({"after": "11:00"}, 23, True),
        ({"days": ["tue"]}, 12, False),
        ({"zone": "Asia/Tokyo", "after": "20:00", "before": "22:00"}, 12, True),
        ({"after": "22:00", "before": "06:00"}, 23, True),
        ({"after": "22:00", "before": "06:00"}, 12, False),
        ({"after": "22:00", "before": "06:00", "days": ["sun"]}, 5, True),
        ({"after": "22:00", "before": "06:00", "days": ["mon"]}, 5, False),
        ({"after": "22:00", "before": "06:00", "days": ["sun"]}, 23, False),
    ],
)
def test_hours_hold_in_their_own_zone_and_over_midnight(hours, hour, holds):
    moment = MONDAY.replace(hour=hour)

    assert Hours.model_validate({"zone": "UTC"} | hours).hold(moment) is holds


def test_a_time_of_day_has_no_zone_of_its_own():
    with pytest.raises(ValueError, match="zone of its own"):
        Hours(zone="UTC", after=MONDAY.timetz())


CHRISTMAS = Freeze(name="x", since=MONDAY, until=MONDAY + timedelta(days=1))


@pytest.mark.parametrize(
    ("when", "question", "fits"),
    [
        (When(), ask(), True),
        (When(channels=("C1",)), ask(), True),
        (When(channels=("C2",)), ask(), False),
        (When(kinds=(Kind.PUBLIC,)), ask(), True),
        (When(kinds=(Kind.PRIVATE,)), ask(), False),
        (When(kinds=(Kind.PRIVATE,)), ask(channel=Channel("C1", Kind.UNKNOWN)), None),
        (
            When(hours=(Hours(zone="UTC", days=("sun",)), Hours(zone="UTC"))),
            ask(),
            True,
        ),
        (When(frozen=True), ask(), True),
        (When(frozen=False), ask(), False),
        (When(frozen=True), ask(moment=MONDAY + timedelta(days=1)), False),
        (When(up_to=2), ask(running=1), True),
        (When(up_to=2), ask(running=2), False),
        (When(over=2), ask(running=2), True),
        (When(over=2), ask(running=1), False),
        (When(channels=("C1",), up_to=1), ask(running=1), False),
    ],
)
def test_circumstances_have_to_fit_in_all_that_is_said(when, question, fits):
    assert when.fit(question, (CHRISTMAS,)) is fits


def test_a_freeze_begins_to_the_second_and_ends_to_the_second():
    at = datetime(2026, 11, 24, 12, tzinfo=UTC)

    assert (CHRISTMAS.hold(MONDAY), CHRISTMAS.hold(at)) == (True, False)
    assert ALICE.is_shell is False
