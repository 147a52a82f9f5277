import pytest

from sandbox.zstack.world import World

WORLD = World()


def path(vm):
    return f"/vm-instances/{WORLD.vm(vm).uuid}"


async def act(client, vm, action, **fields):
    return await client.job("PUT", f"{path(vm)}/actions", json={action: fields})


@pytest.mark.parametrize(
    ("vm", "action", "state"),
    [
        pytest.param("db-02", "startVmInstance", "Running", id="start"),
        pytest.param("web-01", "stopVmInstance", "Stopped", id="stop"),
        pytest.param("web-01", "rebootVmInstance", "Running", id="reboot"),
        pytest.param("web-01", "pauseVmInstance", "Paused", id="pause"),
        pytest.param("paused-01", "resumeVmInstance", "Running", id="resume"),
        pytest.param("destroyed-01", "recoverVmInstance", "Stopped", id="recover"),
    ],
)
async def test_an_action_moves_the_vm(ops, node, vm, action, state):
    reply = await act(ops, vm, action)

    inventory = reply.json()["inventory"]
    assert inventory["state"] == state
    assert ("hostUuid" in inventory) == (state != "Stopped")
    assert [entry.changed for entry in node.log.actions()] == [True]


async def test_an_action_is_refused_in_a_wrong_state(ops, node):
    error = (await act(ops, "web-01", "startVmInstance")).json()["error"]

    assert (error["code"], error["cause"]["code"]) == ("SYS.1006", "VM.1010")
    assert node.log.actions()[0].error == "SYS.1006"


@pytest.mark.parametrize(
    ("vm", "blocked"),
    [
        pytest.param("web-01", "Need detach all ISO first", id="ISO on local storage"),
        pytest.param("web-02", None, id="nothing in the way"),
        pytest.param("big-01", None, id="shared storage"),
    ],
)
async def test_migration_is_refused_with_an_iso_on_local_storage(
    ops, node, vm, blocked
):
    node.settings.change(language="en")
    target = WORLD.host("east-host-2").uuid

    body = (await act(ops, vm, "migrateVm", hostUuid=target)).json()

    if blocked:
        assert blocked in body["error"]["details"]
    else:
        assert body["inventory"]["hostUuid"] == target


async def test_migration_is_refused_with_data_volumes_on_local_storage(ops, node):
    node.world.vm("db-01").cdroms.clear()

    reply = await act(ops, "db-01", "migrateVm")

    assert reply.json()["error"]["code"] == "SYS.1006"


async def test_boot_order_can_be_seen_and_set(ops):
    before = await ops.send("GET", f"{path('loop-01')}/boot-orders")
    order = ["HardDisk", "CdRom"]
    await act(ops, "loop-01", "setVmBootOrder", bootOrder=order)

    after = await ops.send("GET", f"{path('loop-01')}/boot-orders")

    assert before.json()["orders"][0] == "CdRom"
    assert after.json() == {"orders": order}


async def test_a_vm_can_be_renamed(ops):
    reply = await act(ops, "web-01", "updateVmInstance", name="front")

    assert reply.json()["inventory"]["name"] == "front"
    assert reply.json()["inventory"]["description"] == "Front of the shop"


async def test_destroying_can_be_undone_until_expunged(ops, node):
    destroyed = await ops.job("DELETE", path("web-01"))
    expunged = await act(ops, "web-01", "expungeVmInstance")
    again = await ops.job("DELETE", path("web-01"))

    assert destroyed.json()["inventory"]["state"] == "Destroyed"
    assert (expunged.json(), again.json()) == ({}, {})
    assert WORLD.vm("web-01").uuid not in node.world.vms


async def test_candidates_are_isos_ready_and_not_attached(ops):
    reply = await ops.send("GET", f"{path('web-01')}/iso-candidates")

    names = {image["name"] for image in reply.json()["inventories"]}
    assert {"debian-12.iso", "ops-tools.iso"} <= names
    assert not names & {"ubuntu-24.04.iso", "retired.iso", "tenant-private.iso"}
