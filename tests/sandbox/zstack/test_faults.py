import asyncio

import httpx
import pytest

from sandbox.zstack.world import World

WORLD = World()
WEB = WORLD.vm("web-01").uuid
ISO = f"/vm-instances/{WEB}/iso"
DETACH = "DetachIsoFromVmInstance"
JOB = "0123456789abcdef0123456789abcdef"
CHOSEN = {"X-Job-UUID": JOB}


async def test_a_dropped_connection_leaves_nothing_behind(ops, node):
    node.faults.add("drop", DETACH)

    with pytest.raises(httpx.RemoteProtocolError):
        await ops.send("DELETE", ISO, headers=CHOSEN)

    assert (await ops.poll(JOB)).status_code == 404
    assert node.log.received[1].fault == "drop"
    assert node.log.actions() == []


async def test_a_reply_lost_on_the_way_hides_an_accepted_job(ops, node):
    node.faults.add("drop-reply", DETACH)

    with pytest.raises(httpx.RemoteProtocolError):
        await ops.send("DELETE", ISO, headers=CHOSEN)
    await node.idle()

    assert (await ops.poll(JOB)).status_code == 200
    assert len(node.log.actions(DETACH)) == 1


@pytest.mark.parametrize(
    ("kind", "status", "executed"),
    [
        pytest.param("error", 500, 0, id="500"),
        pytest.param("proxy", 503, 0, id="proxy in front"),
        pytest.param("proxy-reply", 503, 1, id="proxy gives up"),
    ],
)
async def test_a_fault_answers_without_json(ops, node, kind, status, executed):
    node.faults.add(kind, f"^DELETE {ISO}$")

    reply = await ops.send("DELETE", ISO)
    await node.idle()

    assert reply.status_code == status
    assert not reply.text.startswith("{")
    assert len(node.log.actions()) == executed


@pytest.mark.parametrize("kind", ["slow", "slow-reply"])
async def test_a_slow_node_answers_in_the_end(ops, node, kind):
    node.faults.add(kind, "/zones", seconds=0.01)

    assert (await ops.send("GET", "/zones")).status_code == 200


async def test_a_slow_node_outlasts_an_impatient_client(ops, node):
    node.faults.add("slow", "/zones", seconds=3600)

    with pytest.raises(httpx.ReadTimeout):
        await ops.send("GET", "/zones", timeout=0.05)


@pytest.mark.parametrize(
    ("kind", "status", "executed"),
    [
        pytest.param("stuck", 202, 0, id="never run"),
        pytest.param("stuck-done", 202, 1, id="run, never recorded"),
        pytest.param("lost", 404, 1, id="run, never stored"),
        pytest.param("fail", 503, 0, id="failed"),
    ],
)
async def test_a_job_goes_wrong(ops, node, kind, status, executed):
    node.faults.add(kind, DETACH)

    await ops.send("DELETE", ISO, headers=CHOSEN)
    await node.idle()

    assert (await ops.poll(JOB)).status_code == status
    assert len(node.log.actions()) == executed


async def test_a_query_fails_with_the_code_asked_for(ops, node):
    node.faults.add("fail", "QueryVmInstance", code="SYS.1010")

    reply = await ops.send("GET", "/vm-instances")

    assert reply.json()["error"]["code"] == "SYS.1010"


async def test_faults_count_down_and_spare_other_requests(ops, node):
    node.faults.add("error", "/zones", count=2)

    statuses = [
        (await ops.send("GET", path)).status_code
        for path in ("/zones", "/hosts", "/zones", "/zones")
    ]

    assert statuses == [500, 200, 500, 200]


async def test_polls_can_fail_too(ops, node):
    node.faults.add("proxy", "GET /api-jobs/")

    assert (await ops.poll(JOB)).status_code == 503
    assert (await ops.poll(JOB)).status_code == 404


async def test_other_processes_steer_over_http(ops, node):
    http = ops.http
    await http.post("/sandbox/faults", json={"kind": "error", "match": "/zones"})
    broken = await ops.send("GET", "/zones")
    await http.post("/sandbox/faults", json={"kind": "error", "match": "/zones"})
    await http.delete("/sandbox/faults")
    await http.post("/sandbox/settings", json={"job_seconds": 0, "language": "en"})

    await ops.detach("web-01")

    log = (await http.get("/sandbox/log")).json()
    assert broken.status_code == 500
    assert (await ops.send("GET", "/zones")).status_code == 200
    assert [entry["vm_uuid"] for entry in log["executed"]] == [WEB]
    assert node.settings.language == "en"


@pytest.mark.parametrize(
    ("route", "body"),
    [
        pytest.param("faults", {"kind": "nothing"}, id="kind"),
        pytest.param("faults", {"sort": "error"}, id="option"),
        pytest.param("settings", {"colour": "red"}, id="setting"),
        pytest.param("settings", {"ready": 1}, id="no boolean"),
        pytest.param("settings", {"job_seconds": "1"}, id="no number"),
        pytest.param("settings", {"language": 1}, id="no text"),
    ],
)
async def test_a_wrong_wish_is_refused(anonymous, route, body):
    reply = await anonymous.http.post(f"/sandbox/{route}", json=body)

    assert reply.status_code == 400


async def test_the_log_can_be_cleared(ops, node):
    await ops.http.delete("/sandbox/log")

    assert node.log.received == []


async def test_the_world_can_be_shown(anonymous):
    world = (await anonymous.http.get("/sandbox/world")).json()

    (web,) = [vm for vm in world["vms"] if vm["name"] == "web-01"]
    assert web["isoUuids"] == [WORLD.iso("ubuntu-24.04.iso")]
    assert (web["owner"], web["zone"]) == ("ops", "east")


@pytest.mark.parametrize(
    ("verb", "status"),
    [("restart", 200), ("purge", 200), ("expire", 200), ("reset", 200), ("dance", 404)],
)
async def test_verbs_over_http(anonymous, verb, status):
    assert (await anonymous.http.post(f"/sandbox/{verb}")).status_code == status


async def test_a_reset_brings_the_first_world_back(ops, node):
    await ops.detach("web-01")

    node.reset()
    await asyncio.sleep(0)

    assert node.world.vm("web-01").iso_uuids
    assert node.log.actions() == []
    assert (await ops.send("GET", "/zones")).json()["error"]["code"] == "ID.1001"


async def test_a_colleague_changes_a_vm_behind_the_api(ops, node):
    rescue = WORLD.iso("rescue.iso")
    change = {"tray_is_locked": False, "iso_uuids": [rescue], "state": "Paused"}

    await ops.http.post("/sandbox/vms/mounted-01", json=change)

    assert (await ops.detach("mounted-01", rescue)).status_code == 200
    assert node.world.vm("mounted-01").state == "Paused"


@pytest.mark.parametrize(
    ("vm", "change"),
    [
        pytest.param("nobody", {}, id="VM"),
        pytest.param("web-01", {"uuid": "x"}, id="field"),
        pytest.param("web-01", {"state": 1}, id="value"),
    ],
)
async def test_a_wrong_change_is_refused(anonymous, vm, change):
    reply = await anonymous.http.post(f"/sandbox/vms/{vm}", json=change)

    assert reply.status_code == 400


async def test_two_submissions_at_once_both_run(ops, node):
    node.settings.change(save_seconds=0.05)

    replies = await asyncio.gather(
        *(ops.send("DELETE", ISO, headers=CHOSEN) for _ in range(2))
    )
    await node.idle()

    assert [reply.status_code for reply in replies] == [202, 202]
    assert len(node.log.actions(DETACH)) == 2
