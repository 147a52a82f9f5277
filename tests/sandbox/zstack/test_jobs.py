import asyncio

import pytest

from sandbox.zstack.world import World

WORLD = World()
UBUNTU = WORLD.iso("ubuntu-24.04.iso")
WEB, DB = WORLD.vm("web-01").uuid, WORLD.vm("db-01").uuid
ISO = f"/vm-instances/{WEB}/iso"
JOB = "0123456789abcdef0123456789abcdef"
CHOSEN = {"X-Job-UUID": JOB}


async def test_acceptance_names_a_place_nobody_can_reach(ops, node):
    reply = await ops.send("DELETE", ISO, headers=CHOSEN)

    assert reply.status_code == 202
    assert reply.json() == {
        "location": f"http://172.20.0.10:8080/zstack/v1/api-jobs/{JOB}",
        "apiTimeout": 1_800_000,
    }
    await node.idle()


async def test_an_older_node_announces_no_timeout(ops, node):
    node.settings.change(announce_timeout=False)

    assert "apiTimeout" not in (await ops.send("DELETE", ISO)).json()


async def test_the_client_may_set_the_timeout_in_seconds(ops):
    reply = await ops.send("DELETE", ISO, headers={"X-API-Timeout": "60"})
    wrong = await ops.send("DELETE", ISO, headers={"X-API-Timeout": "soon"})

    assert reply.json()["apiTimeout"] == 60_000
    assert wrong.status_code == 500


async def test_a_running_job_is_an_empty_202_with_progress(ops, node):
    node.settings.change(job_seconds=3600)
    await ops.send("DELETE", ISO, headers=CHOSEN)

    reply = await ops.poll(JOB)
    progress = await ops.send("GET", f"/task-progresses/{JOB}")

    assert (reply.status_code, reply.json()) == (202, {})
    assert progress.json()["inventories"][0]["taskUuid"] == JOB


async def test_anyone_who_knows_the_uuid_sees_the_result(ops, node):
    await ops.send("DELETE", ISO, headers=CHOSEN)
    await node.idle()
    ops.headers.clear()

    assert (await ops.poll(JOB)).json()["inventory"]["uuid"] == WEB


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD"])
async def test_a_job_can_only_be_looked_at(ops, method):
    assert (await ops.send(method, f"/api-jobs/{JOB}")).status_code == 405


async def test_an_unknown_job_and_a_purged_one_look_alike(ops, node):
    unknown = await ops.poll(JOB)
    await ops.send("DELETE", ISO, headers=CHOSEN)
    await node.idle()

    assert node.jobs.purge() == 1

    purged = await ops.poll(JOB)
    assert (unknown.status_code, unknown.text) == (404, "the job has been expired")
    assert (purged.status_code, purged.text) == (unknown.status_code, unknown.text)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        pytest.param("DELETE", ISO, id="the same call"),
        pytest.param("POST", f"{ISO}/{UBUNTU}", id="another call"),
        pytest.param("DELETE", f"/accounts/sessions/{JOB}", id="a synchronous call"),
    ],
)
async def test_a_used_job_uuid_is_refused(ops, node, method, path):
    await ops.send("DELETE", ISO, headers=CHOSEN)
    await node.idle()

    reply = await ops.send(method, path, headers=CHOSEN)

    assert (reply.status_code, reply.text) == (400, f"Duplicate job uuid[{JOB}]")
    assert len(node.log.actions()) == 1


async def test_a_get_is_not_checked_for_its_job_uuid(ops, node):
    await ops.send("DELETE", ISO, headers=CHOSEN)

    assert (await ops.send("GET", ISO, headers=CHOSEN)).status_code == 202
    await node.idle()
    assert len(node.log.actions()) == 2


async def test_a_synchronous_call_is_never_stored(ops):
    assert (await ops.send("GET", "/zones", headers=CHOSEN)).status_code == 200

    assert (await ops.poll(JOB)).status_code == 404


async def test_a_job_uuid_has_32_characters(ops):
    reply = await ops.send("DELETE", ISO, headers={"X-Job-UUID": "short"})

    assert reply.status_code == 400
    assert "X-Job-UUID" in reply.text


async def test_operations_of_one_vm_wait_for_each_other(ops, node):
    first = "a" * 32
    await ops.send("DELETE", ISO, headers={"X-Job-UUID": first})
    await ops.send("POST", f"{ISO}/{UBUNTU}", headers=CHOSEN)

    await node.idle()

    assert [action.job_uuid for action in node.log.actions(vm=WEB)] == [first, JOB]
    assert (await ops.poll(JOB)).status_code == 200


async def test_a_restart_leaves_its_jobs_processing_for_ever(ops, node):
    node.settings.change(job_seconds=3600)
    await ops.send("DELETE", ISO, headers=CHOSEN)
    await asyncio.sleep(0)

    node.restart()
    await node.idle()

    assert (await ops.poll(JOB)).status_code == 202
    assert node.jobs.purge() == 0
    assert node.log.actions() == []
    node.settings.change(job_seconds=0)
    assert (await ops.detach("web-01")).status_code == 200


async def test_a_schema_comes_when_asked_for(ops):
    reply = await ops.detach("web-01", headers={"X-JSON-Schema": "true"})
    zones = await ops.send("GET", "/zones", headers={"X-JSON-Schema": "true"})

    assert reply.json()["schema"] == {
        "inventory": "org.zstack.header.vm.VmInstanceInventory"
    }
    assert "inventories[0]" in zones.json()["schema"]
