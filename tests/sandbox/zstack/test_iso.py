import pytest

from sandbox.zstack.world import World

WORLD = World()
UBUNTU, RESCUE = WORLD.iso("ubuntu-24.04.iso"), WORLD.iso("rescue.iso")


def error_of(reply):
    assert reply.status_code == 503, reply.text
    return reply.json()["error"]


async def test_detach_empties_the_drive_and_is_counted_once(ops, node):
    reply = await ops.detach("web-01", UBUNTU)

    assert reply.status_code == 200
    drives = reply.json()["inventory"]["vmCdRoms"]
    assert "isoUuid" not in drives[0]
    (action,) = node.log.actions("DetachIsoFromVmInstance")
    assert (action.changed, action.iso_uuid, action.account) == (True, UBUNTU, "ops")


@pytest.mark.parametrize(
    ("vm", "iso"),
    [
        pytest.param("web-02", None, id="no ISO at all"),
        pytest.param("web-01", RESCUE, id="another ISO"),
        pytest.param("web-01", "nonsense", id="no uuid"),
        pytest.param("web-01", "", id="empty is not null"),
        pytest.param("driveless-01", None, id="no drive"),
    ],
)
async def test_detach_of_what_is_not_attached_succeeds_in_silence(ops, node, vm, iso):
    reply = await ops.detach(vm, iso)

    assert reply.status_code == 200
    assert [action.changed for action in node.log.actions()] == [False]


@pytest.mark.parametrize(
    ("vm", "iso", "code", "cause"),
    [
        pytest.param("db-01", None, "SYS.1006", None, id="several ISOs, none named"),
        pytest.param("migrating-01", UBUNTU, "SYS.1006", "VM.1010", id="wrong state"),
        pytest.param("unknown-01", UBUNTU, "SYS.1006", "VM.1010", id="unknown state"),
        pytest.param("mounted-01", UBUNTU, "SYS.1006", None, id="still mounted"),
        pytest.param("agentless-01", UBUNTU, "SYS.1006", "HOST.1010", id="no agent"),
        pytest.param("lonely-01", UBUNTU, "ID.1002", None, id="not owned"),
    ],
)
async def test_detach_is_refused(ops, node, vm, iso, code, cause):
    error = error_of(await ops.detach(vm, iso))

    assert error["code"] == code
    assert error.get("cause", {}).get("code") == cause
    assert not any(action.changed for action in node.log.actions())
    assert WORLD.vm(vm).iso_uuids == node.world.vm(vm).iso_uuids


async def test_detach_without_an_iso_takes_the_only_one(ops):
    reply = await ops.detach("paused-01")

    assert "isoUuid" not in reply.json()["inventory"]["vmCdRoms"][0]


async def test_detach_works_though_the_image_was_deleted(ops):
    reply = await ops.detach("ghost-iso-01", WORLD.iso("old-installer.iso"))

    assert reply.status_code == 200


async def test_detach_from_a_stopped_vm_needs_no_agent(ops, node):
    node.settings.change(job_seconds=3600)

    assert (await ops.detach("db-02", UBUNTU)).status_code == 200


async def test_missing_vm_is_not_found(ops):
    error = error_of(await ops.job("DELETE", f"/vm-instances/{'0' * 32}/iso"))

    assert error["code"] == "SYS.1003"


async def test_a_dry_run_checks_and_changes_nothing(ops, node):
    reply = await ops.detach("web-01", UBUNTU, params={"systemTags": "validationOnly"})

    assert (reply.status_code, reply.json()) == (200, {})
    assert node.log.actions() == []


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_even_a_look_at_the_detach_path_detaches(ops, node, method):
    await ops.job(method, f"/vm-instances/{WORLD.vm('web-01').uuid}/iso")

    assert node.world.vm("web-01").iso_uuids == []
    assert node.log.received[-2].method == method


async def test_attach_takes_the_lowest_empty_drive(ops, node):
    reply = await ops.attach("db-01", WORLD.iso("debian-12.iso"))

    assert reply.status_code == 200
    assert node.world.vm("db-01").cdroms[2].iso_uuid == WORLD.iso("debian-12.iso")


async def test_attach_takes_the_drive_named_by_tag(ops, node):
    await ops.detach("db-01", UBUNTU)
    drive = node.world.vm("db-01").cdroms[2]

    await ops.attach("db-01", UBUNTU, json={"systemTags": [f"cdromUuid::{drive.uuid}"]})

    assert drive.iso_uuid == UBUNTU


@pytest.mark.parametrize(
    ("vm", "image", "code"),
    [
        pytest.param("db-01", "ubuntu-24.04.iso", "SYS.1006", id="attached already"),
        pytest.param("full-01", "virtio-win.iso", "SYS.1006", id="all drives full"),
        pytest.param("web-02", "centos-7", "SYS.1007", id="no ISO"),
        pytest.param("web-02", "old-installer.iso", "SYS.1003", id="image deleted"),
        pytest.param("web-02", "retired.iso", "SYS.1006", id="image disabled"),
        pytest.param("web-02", "tenant-private.iso", "ID.1002", id="image not shared"),
        pytest.param("migrating-01", "rescue.iso", "SYS.1006", id="wrong state"),
        pytest.param("lonely-02", "rescue.iso", "ID.1002", id="vm not owned"),
    ],
)
async def test_attach_is_refused(ops, vm, image, code):
    assert error_of(await ops.attach(vm, WORLD.iso(image)))["code"] == code


@pytest.mark.parametrize("image", ["shared-tools.iso", "ops-tools.iso"])
async def test_attach_takes_an_image_shared_or_owned(ops, image):
    assert (await ops.attach("web-02", WORLD.iso(image))).status_code == 200


async def test_attach_to_a_stopped_vm_is_instant(ops, node):
    node.settings.change(job_seconds=3600)

    assert (await ops.attach("batch-01", UBUNTU)).status_code == 200
