"""The client and the simulated management node, on a real socket."""

import pytest

from api.auth import SessionAuth
from api.client import ZStack
from api.errors import JobUnknown, Rejected, SessionExpired, Unreachable
from api.operations import (
    DetachIsoFromVmInstance,
    GetVersion,
    IsReadyToGo,
    LogInByAccount,
    LogOut,
    QueryVmCdRom,
    QueryVmInstance,
    ValidateSession,
)
from api.query import Op, where
from sandbox.server import serve
from sandbox.zstack import Node

JOB = "0" * 31 + "1"
ATTACHED = QueryVmCdRom(conditions=(where("isoUuid", op=Op.NOT_NULL),))


@pytest.fixture
async def mn():
    node = Node(job_seconds=0.05)
    async with serve(node.app) as url:
        node.url = url
        yield node


@pytest.fixture
def mn_cloud(mn, http):
    return ZStack(f"{mn.url}/zstack", http=http)


@pytest.fixture
async def auth(mn_cloud):
    session = await mn_cloud.call(
        LogInByAccount(account_name="admin", password="sandbox-password")
    )
    return SessionAuth(session.uuid)


@pytest.fixture
async def detach(mn_cloud, auth):
    """Detach the ISO of a VM that runs and has only one."""
    running = QueryVmInstance(conditions=(where("state", "Running"),))
    vms = await mn_cloud.call(running, auth)
    vm = next(vm for vm in vms if len(vm.iso_uuids) == 1)
    return DetachIsoFromVmInstance(vm_instance_uuid=vm.uuid, iso_uuid=vm.iso_uuids[0])


async def test_a_node_tells_its_version_and_that_it_is_ready(mn, mn_cloud):
    assert await mn_cloud.call(GetVersion()) == mn.settings.version
    assert await mn_cloud.call(IsReadyToGo()) is None


async def test_a_session_lives_until_it_is_ended(mn_cloud):
    login = LogInByAccount(account_name="admin", password="sandbox-password")
    session = await mn_cloud.call(login)
    question = ValidateSession(session_uuid=session.uuid)

    before = await mn_cloud.call(question)
    await mn_cloud.call(LogOut(session_uuid=session.uuid))

    assert session.lifetime.total_seconds() == 7200
    assert (before, await mn_cloud.call(question)) == (True, False)


async def test_a_wrong_password_is_rejected(mn_cloud):
    with pytest.raises(Rejected, match=r"ID\.1000"):
        await mn_cloud.call(LogInByAccount(account_name="admin", password="wrong"))


async def test_an_iso_is_detached(mn_cloud, auth, detach):
    vm = await mn_cloud.call(detach, auth)

    assert (vm.uuid, vm.iso_uuids) == (detach.vm_instance_uuid, ())
    assert vm.create_date.tzinfo.key == "Asia/Shanghai"


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"timestamps": "java20"}, id="java 20"),
        pytest.param({"numbers_as_doubles": True}, id="numbers as doubles"),
        pytest.param({"announce_timeout": False}, id="an older release"),
    ],
)
async def test_an_iso_is_detached_on_every_release(
    mn, mn_cloud, auth, detach, settings
):
    mn.settings.change(**settings)

    vm = await mn_cloud.call(detach, auth)

    assert (type(vm.cpu_num), vm.iso_uuids) == (int, ())
    assert vm.create_date is not None


async def test_a_session_that_is_over_is_told_after_the_job_was_accepted(
    mn_cloud, detach
):
    with pytest.raises(SessionExpired):
        await mn_cloud.call(detach, SessionAuth("0" * 32))


async def test_a_lost_reply_leaves_a_job_that_can_be_asked(mn, mn_cloud, auth, detach):
    mn.faults.add("drop-reply", "DetachIsoFromVmInstance")

    with pytest.raises(Unreachable) as caught:
        await mn_cloud.submit(detach, JOB, auth)
    await mn.idle()

    assert caught.value.sent
    assert (await mn_cloud.job(detach, JOB, auth)).iso_uuids == ()


async def test_a_request_that_never_arrived_leaves_no_job(mn, mn_cloud, auth, detach):
    mn.faults.add("drop", "DetachIsoFromVmInstance")

    with pytest.raises(Unreachable):
        await mn_cloud.submit(detach, JOB, auth)

    with pytest.raises(JobUnknown):
        await mn_cloud.job(detach, JOB, auth)


async def test_a_job_without_a_row_is_unknown(mn, mn_cloud, auth, detach):
    mn.faults.add("lost", "DetachIsoFromVmInstance")

    with pytest.raises(JobUnknown):
        await mn_cloud.call(detach, auth)


async def test_a_question_in_zql_has_the_same_answer(mn_cloud, auth):
    plain = await mn_cloud.call(ATTACHED, auth)
    awkward = where("name", "a>=b", op=Op.NOT_LIKE)
    zql = QueryVmCdRom(conditions=(*ATTACHED.conditions, awkward))

    assert zql.needs_zql
    assert {drive.uuid for drive in await mn_cloud.call(zql, auth)} == {
        drive.uuid for drive in plain
    }


async def test_partial_inventories_are_read(mn_cloud, auth):
    vms = await mn_cloud.call(QueryVmInstance(fields=("name",), limit=2), auth)

    assert [bool(vm.uuid and vm.name and not vm.state) for vm in vms] == [True, True]
