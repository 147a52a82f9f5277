import pytest

from sandbox.zstack.world import World

WORLD = World()
UBUNTU = WORLD.iso("ubuntu-24.04.iso")
WEB = WORLD.vm("web-01")
VMS = "/vm-instances"
ISO_IMAGE = WORLD.image("ubuntu-24.04.iso")


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        pytest.param("name=web-01", ["web-01"], id="equal"),
        pytest.param(" name =web-01", ["web-01"], id="name is trimmed"),
        pytest.param("name= web-01", [], id="value is not trimmed"),
        pytest.param("name=WEB-01", ["web-01"], id="case ignored"),
        pytest.param("name~=web-__", ["Web-03", "web-01", "web-02"], id="like _"),
        pytest.param("name~=%b-02", ["db-02", "web-02"], id="like %"),
        pytest.param("name?=web-01,web-02", ["web-01", "web-02"], id="in"),
        pytest.param("description not null", ["<b>*x*</b> & <!channel>", "web-01"]),
        pytest.param("vmNics.ip=192.168.1.11", ["web-01"], id="address"),
        pytest.param("internalId<=2", ["web-01", "web-02"], id="number"),
        pytest.param("internalId<2", ["web-01"], id="less"),
        pytest.param("internalId=many", [], id="no number"),
        pytest.param("createDate<2025-03-03 11:00:00", ["web-01"], id="time"),
        pytest.param("createDate<yesterday", [], id="no time"),
        pytest.param("host.managementIp=172.20.3.11", ["batch"], id="host"),
        pytest.param("vmCdRoms.iso.name=麒麟 V10.iso", ["数据库-主"], id="chain"),
        pytest.param(
            f"vmCdRoms.isoUuid={WORLD.iso('old-installer.iso')}",
            ["ghost-iso-01"],
            id="ISO that is gone",
        ),
        pytest.param("state=Migrating", ["migrating-01"], id="state"),
        pytest.param(f"__systemTag__=iso::{UBUNTU}::0", None, id="system tag"),
        pytest.param("__userTag__=x", [], id="user tag"),
        pytest.param("name=my vm", ["my vm"], id="space"),
        pytest.param("name=rocket 🚀", ["rocket 🚀"], id="emoji"),
    ],
)
async def test_a_condition_selects(ops, condition, names):
    found = await ops.names(VMS, condition)

    if names == ["batch"]:
        assert found == []  # Stopped VMs have no host
    elif names is None:
        assert "web-01" in found
        assert "web-02" not in found
    else:
        assert found == names


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        pytest.param("name!=web-01", ["web-02"], id="not equal"),
        pytest.param("name!~=%-01", ["web-02"], id="not like"),
        pytest.param("name!?=web-01,db-01", ["web-02"], id="not in"),
        pytest.param("internalId>1", ["web-02"], id="greater"),
        pytest.param("internalId>=2", ["web-02"], id="at least"),
        pytest.param("description is null", ["web-02"], id="null"),
    ],
)
async def test_conditions_are_joined_by_and(ops, condition, names):
    assert await ops.names(VMS, "name?=web-01,web-02", condition) == names


async def test_case_counts_when_the_database_says_so(ops, node):
    node.settings.change(ignore_case=False)

    assert await ops.names(VMS, "name=web-03") == []


@pytest.mark.parametrize(
    "condition",
    [
        pytest.param("name=a>=b", id="an operator in the value breaks the parse"),
        pytest.param("nosuch=1", id="unknown field"),
        pytest.param("nosuch.name=1", id="unknown chain"),
        pytest.param("host.nosuch=1", id="unknown field of a chain"),
        pytest.param("vmNics=1", id="a list is no field"),
    ],
)
async def test_a_name_that_is_none_is_refused(ops, condition):
    reply = await ops.send("GET", VMS, params={"q": condition})

    assert reply.status_code == 503
    assert reply.json()["error"]["code"] == "SYS.1007"


@pytest.mark.parametrize(
    "params",
    [
        pytest.param({"q": "name"}, id="no operator"),
        pytest.param({"limit": "few"}, id="limit"),
        pytest.param({"start": "-1"}, id="start"),
        pytest.param([("limit", "1"), ("limit", "2")], id="repeated"),
    ],
)
async def test_a_malformed_query_is_refused_in_text(ops, params):
    assert (await ops.send("GET", VMS, params=params)).status_code == 400


async def test_pages_follow_the_sort(ops):
    first = await ops.query(VMS, sort="-internalId", limit=2, replyWithCount="true")
    second = await ops.query(VMS, sort="+internalId", limit=1, start=1)

    numbers = [vm["internalId"] for vm in first["inventories"]]
    assert numbers == sorted(numbers, reverse=True)
    assert first["total"] > len(numbers) == 2
    assert second["inventories"][0]["name"] == "web-02"
    assert "total" not in second


async def test_count_alone_gives_no_inventories(ops):
    reply = await ops.query(VMS, "name=twin", count="true")

    assert reply["total"] == 2
    assert "inventories" not in reply


async def test_fields_make_partial_objects(ops):
    reply = await ops.query(VMS, "name=web-01", fields="name, uuid")

    assert reply["inventories"] == [{"name": "web-01", "uuid": WEB.uuid}]
    assert reply["schema"] == {
        "inventories[0]": "org.zstack.header.vm.VmInstanceInventory"
    }


async def test_the_path_form_ignores_all_else(ops):
    found = await ops.query(f"{VMS}/{WEB.uuid}", "name=other", count="true")
    missing = await ops.query(f"{VMS}/{'0' * 32}")

    assert [vm["name"] for vm in found["inventories"]] == ["web-01"]
    assert missing["inventories"] == []


@pytest.mark.parametrize(
    ("path", "seen", "unseen"),
    [
        pytest.param(VMS, "web-01", "lonely-01", id="VMs"),
        pytest.param("/images", "ops-tools.iso", "tenant-private.iso", id="images"),
        pytest.param("/images", "shared-tools.iso", "old-installer.iso", id="deleted"),
        pytest.param("/accounts", "ops", "admin", id="accounts"),
        pytest.param("/hosts", "east-host-1", "nowhere", id="hosts"),
        pytest.param("/zones", "east", "nowhere", id="zones"),
        pytest.param("/clusters", "east-kvm", "nowhere", id="clusters"),
        pytest.param("/l3-networks", "east-net", "nowhere", id="networks"),
        pytest.param("/primary-storage", "east-storage", "nowhere", id="storage"),
    ],
)
async def test_an_account_sees_its_own_and_what_is_shared(ops, path, seen, unseen):
    names = await ops.names(path)

    assert seen in names
    assert unseen not in names


async def test_isos_are_found_by_kind_and_state(ops):
    names = await ops.names("/images", "mediaType=ISO", "state=Enabled", "status=Ready")

    assert ISO_IMAGE.name in names
    assert not {"retired.iso", "downloading.iso", "centos-7"} & set(names)


async def test_the_admin_sees_everything(admin):
    assert "lonely-01" in await admin.names(VMS)


async def test_drives_nics_and_volumes_lead_to_their_vm(ops):
    drives = await ops.query(f"{VMS}/cdroms", "vmInstance.name=web-01")
    cards = await ops.query(f"{VMS}/nics", "l3Network.zone.name=east")
    disks = await ops.query(
        "/volumes", "primaryStorage.type=Ceph", "image.name=ubuntu-24.04"
    )

    assert drives["inventories"][0]["isoUuid"] == UBUNTU
    assert cards["inventories"]
    assert disks["inventories"]


@pytest.mark.parametrize(
    ("path", "condition"),
    [
        pytest.param("/hosts", "vmInstance.name=web-01", id="host"),
        pytest.param("/hosts", "zone.name=west", id="host of a zone"),
        pytest.param("/zones", "host.vmInstance.name=web-01", id="zone"),
        pytest.param("/zones", "vmInstance.name=web-01", id="zone of a vm"),
        pytest.param("/clusters", "host.cluster.name=east-kvm", id="cluster"),
        pytest.param("/clusters", "vmInstance.name=web-01", id="cluster of a vm"),
        pytest.param(VMS, "rootVolume.isShareable=false", id="boolean"),
        pytest.param(VMS, "zone.name=east", id="vm in a zone"),
        pytest.param(VMS, "image.name=ubuntu-24.04", id="vm of an image"),
    ],
)
async def test_names_chain_along_the_cloud(admin, path, condition):
    assert await admin.names(path, condition)


async def test_a_signs_meaning_can_be_escaped_in_a_pattern(ops):
    assert await ops.names(VMS, r"name~=web\_01") == []


async def test_unknown_parameters_are_ignored_and_noted(ops, node):
    await ops.query(VMS, "name=web-01", isoUid="x")

    assert node.log.received[-1].ignored == ["isoUid"]


@pytest.mark.parametrize(
    ("path", "condition", "field", "value"),
    [
        pytest.param("/system-tags", "tag~=bootOrder::%", "tag", None, id="boot order"),
        pytest.param(
            "/system-tags",
            f"resourceUuid={WEB.uuid}",
            "tag",
            f"iso::{UBUNTU}::0",
            id="ISO",
        ),
        pytest.param(
            "/global-configurations",
            "name=maintenance.policy",
            "value",
            "StopVmOnMigrationFailure",
            id="configuration",
        ),
    ],
)
async def test_tags_and_configurations_are_there(ops, path, condition, field, value):
    (found,) = (await ops.query(path, condition))["inventories"]

    assert found[field] == value or found[field].startswith("bootOrder::CdRom")
