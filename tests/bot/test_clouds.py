"""Several clouds at the command line: the policy file names them."""

import pytest

from sandbox.server import serve
from sandbox.zstack import Node


@pytest.fixture
async def lab(cloud):
    """A second cloud, which the policy file calls lab; the first is called prod."""
    node = Node(job_seconds=0.1)
    async with serve(node.app) as url:
        path = cloud.directory / "policy.yaml"
        path.write_text(f"clouds:\n  prod: {{}}\n  lab:\n    url: {url}/zstack\n")
        cloud.settings["POLICY_FILE"] = str(path)
        yield node
        await node.idle()


async def test_each_has_its_own_log_in_and_its_own_vms(cloud, lab):
    await cloud.run(
        "login", "--account", "ops", "--cloud", "lab", typed="sandbox-password\n"
    )

    done = await cloud.run("run", "detach-iso web-01 --cloud lab")
    told = await cloud.run("run", "whoami")

    assert done.exit_code == 0
    assert (len(lab.log.actions()), len(cloud.node.log.actions())) == (1, 0)
    assert "prod: not connected." in told.output
    assert "lab: connected as ops." in told.output


async def test_the_doctor_looks_at_each_and_at_its_key(cloud, lab):
    cloud.settings["ZSTACK_SERVICE_KEY"] = (
        "prod=ops-key:ops-key-secret,lab=ops-key:wrong"
    )

    done = await cloud.run("doctor")

    assert "ok   zstack prod: version" in done.output
    assert "ok   zstack lab: version" in done.output
    assert done.output.count("service key:") == 2
    assert done.output.count("FAIL service key: ZStack does not know it") == 1


async def test_a_key_for_a_cloud_that_is_none_ends_the_start(cloud, lab):
    cloud.settings["ZSTACK_SERVICE_KEY"] = "moon=ops-key:ops-key-secret"

    done = await cloud.run("run", "whoami")

    assert done.exit_code == 2
    assert "ZSTACK_SERVICE_KEY: there is no cloud moon" in done.output


async def test_a_log_in_at_a_cloud_that_is_none_names_those_there_are(cloud, lab):
    done = await cloud.run("login", "--account", "ops", "--cloud", "x", typed="p\n")

    assert done.exit_code == 2
    assert "There is no cloud “x”. There are: prod, lab." in done.output
