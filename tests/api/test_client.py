import asyncio
import re
from zoneinfo import ZoneInfo

import pytest

from api.auth import SessionAuth
from api.client import ZStack, connect, poll_delay
from api.errors import (
    DuplicateJob,
    JobUnfinished,
    JobUnknown,
    Refused,
    Rejected,
    UnexpectedReply,
    Unreachable,
)
from api.operations import (
    DetachIsoFromVmInstance,
    GetVersion,
    QueryVmInstance,
)
from api.wire import Accepted, Running

DETACH = DetachIsoFromVmInstance(vm_instance_uuid="42", iso_uuid="7")
JOB = "0" * 31 + "1"
AUTH = SessionAuth("4796188f38784439a721f2ef35a0d0d3")
VM = {"inventory": {"uuid": "42", "createDate": "Nov 14, 2017 10:20:57 PM"}}
ACCEPTED = (202, {"location": "http://10.9.8.7:1/zstack/v1/api-jobs/x"})
RUNNING = (202, {})
DONE = (200, VM)
AWAY = (503, "<html>no server</html>")
BUSY = (503, {"error": {"code": "SYS.1010"}})
ZONE = (200, {"timezone": "Asia/Shanghai", "offset": "+08:00"})


async def test_a_question_is_answered(node, cloud):
    node.script = [(200, {"version": "5.2.1"})]

    assert await cloud.call(GetVersion()) == "5.2.1"
    assert node.targets == ["PUT /zstack/v1/management-nodes/actions"]


async def test_a_job_is_followed_on_our_own_address(node, cloud):
    node.script = [ACCEPTED, RUNNING, DONE]

    vm = await cloud.call(DETACH)

    job = node.requests[0][2]["x-job-uuid"]
    assert vm.uuid == "42"
    assert node.targets[1:] == [f"GET /zstack/v1/api-jobs/{job}"] * 2


async def test_every_job_has_a_uuid_of_its_own(node, cloud):
    node.script = [DONE]

    await cloud.call(DETACH)
    await cloud.call(DETACH)

    jobs = {headers["x-job-uuid"] for _, _, headers, _ in node.requests}
    assert len(jobs) == 2
    assert all(re.fullmatch("[0-9a-f]{32}", job) for job in jobs)


async def test_a_question_carries_no_job(node, cloud):
    node.script = [(200, {"inventories": []})]

    await cloud.submit(QueryVmInstance(), JOB, callback="http://bot/x")

    headers = node.requests[0][2]
    assert not {"x-job-uuid", "x-web-hook"} & headers.keys()


async def test_a_job_is_sent_with_its_uuid_and_its_callback(node, cloud):
    node.script = [ACCEPTED]

    reply = await cloud.submit(DETACH, JOB, callback="http://bot/x")

    headers = node.requests[0][2]
    assert reply == Accepted(None)
    assert (headers["x-job-uuid"], headers["x-web-hook"]) == (JOB, "http://bot/x")


async def test_a_job_without_a_callback_names_none(node, cloud):
    node.script = [ACCEPTED]

    await cloud.submit(DETACH, JOB)

    assert "x-web-hook" not in node.requests[0][2]


async def test_a_session_signs_the_request_and_not_the_look(node, cloud):
    node.script = [ZONE, ACCEPTED, RUNNING]

    await cloud.submit(DETACH, JOB, AUTH)
    assert await cloud.job(DETACH, JOB, AUTH) == Running()

    signed = ["authorization" in headers for _, _, headers, _ in node.requests]
    assert signed == [True, True, False]


async def test_a_duplicate_job_is_told(node, cloud):
    node.script = [(400, f"Duplicate job uuid[{JOB}]")]

    with pytest.raises(DuplicateJob):
        await cloud.submit(DETACH, JOB)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        pytest.param((400, "no"), Refused, id="400"),
        pytest.param((403, "no"), Refused, id="403"),
        pytest.param((404, "no api mapping"), Refused, id="404"),
        pytest.param((405, "no"), Refused, id="405"),
        pytest.param((500, "crash"), UnexpectedReply, id="500"),
        pytest.param(AWAY, UnexpectedReply, id="a proxy's 503"),
        pytest.param(BUSY, Rejected, id="an error"),
    ],
)
async def test_a_write_that_was_answered_is_not_repeated(node, cloud, line, kind):
    node.script = [line]

    with pytest.raises(kind):
        await cloud.call(DETACH)

    assert len(node.requests) == 1


async def test_a_write_that_may_have_been_read_is_not_repeated(node, cloud):
    node.script = [None]

    with pytest.raises(Unreachable) as caught:
        await cloud.call(DETACH)

    assert caught.value.sent
    assert len(node.requests) == 1


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(None, id="no answer"),
        pytest.param(AWAY, id="a proxy's 503"),
        pytest.param((502, ""), id="a proxy's 502"),
        pytest.param(BUSY, id="a node that starts"),
    ],
)
async def test_a_read_is_repeated_while_trouble_may_pass(node, cloud, line):
    node.script = [line, line, (200, {"version": "5.2.1"})]

    assert await cloud.call(GetVersion()) == "5.2.1"


@pytest.mark.parametrize(
    "line",
    [
        pytest.param((200, "<html>"), id="a page"),
        pytest.param((400, "no"), id="a refusal"),
        pytest.param((503, {"error": {"code": "SYS.1006"}}), id="a final error"),
    ],
)
async def test_a_read_is_not_repeated_when_that_cannot_help(node, cloud, line):
    node.script = [line]

    with pytest.raises((UnexpectedReply, Refused, Rejected)):
        await cloud.call(GetVersion())

    assert len(node.requests) == 1


@pytest.mark.parametrize(
    "line", [pytest.param(None, id="no answer"), pytest.param(AWAY, id="503")]
)
async def test_a_job_is_followed_through_an_outage(node, cloud, line):
    node.script = [ACCEPTED, line, RUNNING, DONE]

    assert (await cloud.call(DETACH)).uuid == "42"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        pytest.param((503, {"error": {"code": "VM.1010"}}), Rejected, id="failed"),
        pytest.param((404, "the job has been expired"), JobUnknown, id="forgotten"),
        pytest.param((403, "no"), UnexpectedReply, id="a firewall"),
        pytest.param((200, "{}"), UnexpectedReply, id="no inventory"),
    ],
)
async def test_a_job_ends_as_it_says(node, cloud, line, kind):
    node.script = [ACCEPTED, line]

    with pytest.raises(kind):
        await cloud.call(DETACH)


async def test_a_job_that_runs_on_is_unfinished(node, cloud):
    node.script = [(202, {"apiTimeout": 1}), RUNNING]

    with pytest.raises(JobUnfinished) as caught:
        await cloud.call(DETACH)

    assert caught.value.job_uuid == node.requests[0][2]["x-job-uuid"]


@pytest.mark.parametrize(
    ("waited", "delay"),
    [
        pytest.param(0, 0.008, id="at once"),
        pytest.param(5, 0.2, id="later"),
        pytest.param(3600, 1.0, id="after an hour"),
    ],
)
def test_a_job_is_looked_at_more_seldom_the_longer_it_runs(waited, delay):
    assert poll_delay(waited) == delay


async def test_the_zone_is_asked_once_with_the_first_session(node, cloud):
    node.script = [DONE, ZONE, DONE]

    first = await cloud.call(DETACH)
    second = await cloud.call(DETACH, AUTH)
    await cloud.call(DETACH, AUTH)

    zones = [vm.create_date.tzinfo for vm in (first, second)]
    assert zones == [ZoneInfo("UTC"), ZoneInfo("Asia/Shanghai")]
    assert sum("platform-timezone" in target for target in node.targets) == 1


async def test_the_zone_is_not_asked_when_it_is_known(node, http):
    node.script = [DONE]
    cloud = ZStack(node.url, http=http, zone=ZoneInfo("Europe/Berlin"))

    vm = await cloud.call(DETACH, AUTH)

    assert vm.create_date.tzinfo == ZoneInfo("Europe/Berlin")
    assert len(node.requests) == 1


async def test_the_zone_is_asked_in_single_flight(node, cloud):
    node.script = [ZONE]

    zones = await asyncio.gather(*(cloud.zone(AUTH) for _ in range(20)))

    assert set(zones) == {ZoneInfo("Asia/Shanghai")}
    assert len(node.requests) == 1


async def test_those_who_wait_for_the_zone_share_its_failure(node, cloud):
    node.script = [(404, "no api mapping")]

    zones = await asyncio.gather(*(cloud.zone(AUTH) for _ in range(20)))

    assert set(zones) == {ZoneInfo("UTC")}
    assert len(node.requests) == 1


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(None, id="no answer"),
        pytest.param((404, "no api mapping"), id="before 4.1"),
        pytest.param((503, {"error": {"code": "ID.1001"}}), id="session over"),
        pytest.param((202, {}), id="a job"),
        pytest.param((200, {"timezone": []}), id="unreadable"),
    ],
)
async def test_the_zone_is_asked_again_after_a_failure(node, cloud, line):
    node.script = [line, ZONE]

    assert await cloud.zone(AUTH) == ZoneInfo("UTC")
    assert await cloud.zone(AUTH) == ZoneInfo("Asia/Shanghai")


async def test_an_operation_goes_on_without_the_zone(node, cloud):
    node.script = [AWAY, DONE]

    assert (await cloud.call(DETACH, AUTH)).uuid == "42"


async def test_no_request_is_sent_for_what_is_no_uuid(node, cloud):
    with pytest.raises(Refused):
        await cloud.call(DetachIsoFromVmInstance(vm_instance_uuid=".."))

    assert not node.requests


async def test_proxies_of_the_environment_are_ignored(node, monkeypatch):
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    node.script = [(200, {"version": "5.2.1"})]

    async with connect() as http:
        assert await ZStack(node.url, http=http).call(GetVersion()) == "5.2.1"


async def test_a_redirect_is_not_followed(node, cloud):
    node.headers = {"Location": f"{node.url}/elsewhere"}
    node.script = [(302, "")]

    with pytest.raises(UnexpectedReply):
        await cloud.call(GetVersion())

    assert len(node.requests) == 1


async def test_a_slash_at_the_end_of_the_address_is_left_out(node, http):
    node.script = [(200, {"version": "5.2.1"})]

    await ZStack(f"{node.url}/", http=http).call(GetVersion())

    assert node.targets == ["PUT /zstack/v1/management-nodes/actions"]
