"""Access keys: signed requests, in the zone of the node, by clocks that agree."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.auth import AccessKeyAuth
from api.client import ZStack
from api.clock import ahead_of, date_header, likely_zones
from api.errors import ClockSkewed, SessionExpired
from api.operations import DetachIsoFromVmInstance, QueryVmInstance
from api.query import where
from sandbox.server import serve
from sandbox.zstack import Node

KEY = AccessKeyAuth("ops-key", "ops-key-secret")
LOOK = QueryVmInstance(conditions=(where("name", "web-01"),))


@pytest.fixture
async def mn():
    node = Node(job_seconds=0.01)
    async with serve(node.app) as url:
        node.url = f"{url}/zstack"
        yield node


@pytest.fixture
def cloud_of_key(mn, http):
    return ZStack(mn.url, http=http)


def asked(node, api):
    return [one for one in node.log.received if one.api == api]


async def test_a_key_asks_and_acts_without_any_session(mn, cloud_of_key):
    (vm,) = await cloud_of_key.call(LOOK, KEY)
    detach = DetachIsoFromVmInstance(vm_instance_uuid=vm.uuid, iso_uuid=vm.iso_uuids[0])

    after = await cloud_of_key.call(detach, KEY)

    assert after.iso_uuids == ()
    assert {one.account for one in mn.log.actions()} == {"ops"}


async def test_a_key_outlives_every_session(mn, cloud_of_key):
    await cloud_of_key.call(LOOK, KEY)
    mn.sessions.expire_all()

    assert await cloud_of_key.call(LOOK, KEY)


async def test_a_key_with_another_secret_is_not_known(cloud_of_key):
    with pytest.raises(SessionExpired):
        await cloud_of_key.call(LOOK, AccessKeyAuth("ops-key", "guessed"))


@pytest.mark.parametrize(
    "zone",
    ["Asia/Shanghai", "UTC", "America/Sao_Paulo", "Asia/Kathmandu", "Asia/Kolkata"],
)
async def test_the_zone_of_the_node_is_found_by_the_key_alone(mn, cloud_of_key, zone):
    mn.settings.change(timezone=zone)

    assert await cloud_of_key.call(LOOK, KEY)

    assert await cloud_of_key.zone(KEY) == ZoneInfo(zone)


async def test_the_zone_is_looked_for_once(mn, cloud_of_key):
    for _ in range(2):
        await cloud_of_key.call(LOOK, KEY)

    questions = asked(mn, "GetPlatformTimeZone")
    assert 0 < len(questions) <= len(likely_zones())
    await cloud_of_key.call(LOOK, KEY)
    assert asked(mn, "GetPlatformTimeZone") == questions


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        pytest.param(-4000, "is 4000 s ahead of ZStack's", id="ours is ahead"),
        pytest.param(5000, "is 5000 s behind ZStack's", id="ours is behind"),
    ],
)
async def test_clocks_that_differ_are_told_with_the_seconds(
    mn, cloud_of_key, ahead, said
):
    mn.settings.change(clock_ahead_seconds=ahead)

    with pytest.raises(ClockSkewed) as raised:
        await cloud_of_key.call(LOOK, KEY)

    assert abs(raised.value.seconds + ahead) < 5
    shown = raised.value.text
    assert "Set the clocks of both machines by NTP" in shown
    about = round(abs(raised.value.seconds))
    assert said.replace(str(abs(ahead)), str(about)) in shown
    assert len(asked(mn, "GetPlatformTimeZone")) == 1  # no zone would help


async def test_clocks_a_few_minutes_apart_do_no_harm(mn, cloud_of_key):
    mn.settings.change(clock_ahead_seconds=600)

    assert await cloud_of_key.call(LOOK, KEY)


async def test_a_zone_that_was_set_wrong_is_told(mn, http):
    cloud = ZStack(mn.url, http=http, zone=ZoneInfo("America/New_York"))

    with pytest.raises(ClockSkewed, match="Set ZSTACK_TIMEZONE"):
        await cloud.call(LOOK, KEY)


async def test_a_node_without_a_clock_of_its_own_is_told(node, cloud):
    node.script = [(403, "requestTimeTooSkewed")]

    with pytest.raises(ClockSkewed, match="is too far from its clock") as raised:
        await cloud.call(LOOK, KEY)

    assert raised.value.seconds is None


def test_the_secret_is_in_no_repr():
    assert "ops-key-secret" not in repr(KEY)


def test_a_zone_with_a_name_is_named():
    moment = datetime(2026, 11, 4, 7, 8, 9, tzinfo=ZoneInfo("Asia/Shanghai"))

    assert date_header(moment) == "Wed, 04 Nov 2026 07:08:09 CST"


def test_a_zone_without_a_name_keeps_its_wall_clock():
    moment = datetime(2026, 11, 4, 7, 8, 9, tzinfo=timezone(timedelta(hours=-3)))

    assert date_header(moment) == "Wed, 04 Nov 2026 07:08:09 GMT"


@given(st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001  # hypothesis wants them so
def test_a_date_can_be_read_back(moment):
    sent = moment.replace(tzinfo=UTC)

    behind = ahead_of(date_header(sent))

    now = datetime.now(UTC)
    assert behind == pytest.approx((now - sent).total_seconds(), abs=2)


@pytest.mark.parametrize("date", [None, "", "soon", "Wed, 99 Nov 2026 07:08:09 GMT"])
def test_what_is_no_date_tells_nothing(date):
    assert ahead_of(date) is None
