from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.timestamps import read_timestamp, zone_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
EVENING = datetime(2017, 11, 14, 22, 20, 57, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("Nov 14, 2017 10:20:57 PM", id="java 8"),
        pytest.param("Nov 14, 2017, 10:20:57 PM", id="java 9"),
        pytest.param("Nov 14, 2017, 10:20:57\u202fPM", id="java 20"),
        pytest.param(" Nov 14, 2017 10:20:57 PM\n", id="space around"),
        pytest.param("2017-11-14T22:20:57", id="iso without a zone"),
        pytest.param("2017-11-14 22:20:57", id="iso with a space"),
        pytest.param("2017-11-14T14:20:57Z", id="iso in utc"),
        pytest.param("2017-11-14T15:20:57+01:00", id="iso with an offset"),
        pytest.param(1510669257000, id="milliseconds"),
        pytest.param(1510669257000.0, id="milliseconds as a double"),
        pytest.param("1510669257000", id="milliseconds as text"),
        pytest.param(EVENING, id="read already"),
        pytest.param(EVENING.replace(tzinfo=None), id="read without a zone"),
    ],
)
def test_every_form_is_the_same_aware_moment(value):
    moment = read_timestamp(value, SHANGHAI)

    assert moment == EVENING
    assert moment.tzinfo is not None


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        pytest.param("Nov 14, 2017 12:00:00 AM", 0, id="midnight"),
        pytest.param("Nov 14, 2017 12:00:00 PM", 12, id="noon"),
        pytest.param("Nov 14, 2017 1:00:00 AM", 1, id="one at night"),
        pytest.param("Nov 14, 2017 11:59:59 PM", 23, id="before midnight"),
    ],
)
def test_twelve_hours_are_read_as_americans_write_them(text, hour):
    assert read_timestamp(text).hour == hour


@given(st.datetimes(datetime(1970, 1, 2), datetime(2200, 1, 1)))  # noqa: DTZ001 - the zone is not in the text
def test_whatever_java_writes_is_read_back(moment):
    moment = moment.replace(microsecond=0)
    text = f"{moment:%b} {moment.day}, {moment:%Y %I:%M:%S %p}"

    assert read_timestamp(text, SHANGHAI) == moment.replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="nothing"),
        pytest.param("", id="empty"),
        pytest.param("yesterday", id="a word"),
        pytest.param("Foo 14, 2017 10:20:57 PM", id="no month"),
        pytest.param("Feb 30, 2017 10:20:57 PM", id="no day"),
        pytest.param("9" * 5000, id="endless digits"),
        pytest.param(float("nan"), id="not a number"),
        pytest.param(float("inf"), id="infinite"),
        pytest.param(10**400, id="beyond a double"),
        pytest.param([1], id="a list"),
    ],
)
def test_what_is_no_moment_is_none(value):
    assert read_timestamp(value) is None


@given(st.text() | st.floats() | st.integers())
def test_nothing_that_is_sent_breaks_the_reading(value):
    moment = read_timestamp(value)

    assert moment is None or moment.tzinfo is not None


@pytest.mark.parametrize(
    ("name", "offset", "hours"),
    [
        pytest.param("Asia/Shanghai", "+08:00", 8, id="a name"),
        pytest.param("CST", "+08:00", 8, id="an ambiguous name"),
        pytest.param(None, "-0330", -3.5, id="an offset without a colon"),
        pytest.param("GMT+08:00", None, 8, id="an offset as the name"),
        pytest.param("UTC-5", "", -5, id="an offset of hours"),
        pytest.param("../../etc/passwd", "", 0, id="a path"),
        pytest.param("nowhere", "+99:00", 0, id="an impossible offset"),
        pytest.param(None, None, 0, id="nothing"),
    ],
)
def test_zone_is_named_or_offset_or_utc(name, offset, hours):
    moment = datetime(2024, 1, 1, tzinfo=zone_of(name, offset))

    assert moment.utcoffset() == timedelta(hours=hours)


def test_a_known_name_keeps_its_summer_time():
    assert zone_of("Europe/Berlin", "+01:00") == ZoneInfo("Europe/Berlin")


def test_an_offset_is_a_fixed_zone():
    assert zone_of("", "+01:00") == timezone(timedelta(hours=1))


def test_utc_is_the_zone_when_none_is_known():
    assert read_timestamp("Nov 14, 2017 10:20:57 PM").tzinfo is UTC
