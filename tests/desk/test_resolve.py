"""From words to a VM or an ISO: exactly, or by the nearest names."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.models import Account, AccountResourceRef, VmCdRom, VmInstance, VmNic
from api.operations import QueryVmInstance
from desk import resolve
from tests.desk.conftest import ALICE

NAMES = st.lists(st.text(max_size=8), max_size=12)


@pytest.fixture
def ask(bench):
    return partial(bench.desk.sessions.call, ALICE)


def always(*answer):
    """A cloud that answers the same to everything."""

    async def ask(question):
        return answer

    return ask


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(lambda vm: vm.uuid, id="uuid"),
        pytest.param(lambda vm: vm.nics[0].ip, id="address"),
        pytest.param(lambda vm: vm.name, id="name"),
    ],
)
async def test_a_vm_is_found_by(bench, ask, words):
    vm = bench.node.world.vm("web-01")

    assert [found.uuid for found in await resolve.find_vms(ask, words(vm))] == [vm.uuid]


async def test_a_vm_is_found_by_an_ipv6_address():
    asked = []

    async def ask(question):
        asked.extend(condition.name for condition in question.conditions)
        return (VmInstance(uuid="a" * 32, name="web-01"),)

    assert len(await resolve.find_vms(ask, "fd00::11")) == 1
    assert asked == ["vmNics.ip"]


@pytest.mark.parametrize("name", ["192.0.2.1", "0" * 32])
async def test_a_name_that_looks_like_something_else_is_found(bench, ask, name):
    bench.node.world.vm("web-01").name = name

    assert [vm.name for vm in await resolve.find_vms(ask, name)] == [name]


@pytest.mark.parametrize("name", ["my vm", "a>=b", "数据库-主", "rocket 🚀"])
async def test_every_exact_name_is_found(ask, name):
    assert [vm.name for vm in await resolve.find_vms(ask, name)] == [name]


async def test_all_vms_of_one_name_are_found(ask):
    assert len(await resolve.find_vms(ask, "twin")) == 2


@pytest.mark.parametrize("words", ["WEB-01", "web-03", "nothing", "web", "web-0%"])
async def test_another_name_is_never_taken_for_it(ask, words):
    assert await resolve.find_vms(ask, words) == ()


@pytest.mark.parametrize("words", ["rescue.iso", "麒麟 V10.iso"])
async def test_an_iso_is_found_by_its_exact_name(ask, words):
    assert [iso.name for iso in await resolve.find_isos(ask, words)] == [words]


async def test_any_image_is_found_by_uuid(bench, ask):
    uuid = bench.node.world.image("centos-7").uuid

    assert [one.name for one in await resolve.find_isos(ask, uuid)] == ["centos-7"]


@pytest.mark.parametrize("words", ["RESCUE.ISO", "centos-7", "f" * 32, "rescue"])
async def test_what_is_no_iso_of_that_name_is_not_found(ask, words):
    assert await resolve.find_isos(ask, words) == ()


async def test_the_nearest_vms_are_offered(ask):
    assert (await resolve.nearest_vms(ask, "WEB-03"))[0] == "Web-03"


async def test_the_nearest_isos_are_offered(ask):
    names = await resolve.nearest_isos(ask, "ubuntu")

    assert names[0] == "ubuntu-24.04.iso"
    assert "ubuntu-24.04" not in names


async def test_a_vm_without_a_name_is_not_offered():
    vms = (VmInstance(uuid="a" * 32), VmInstance(uuid="b" * 32, name="web"))

    assert await resolve.nearest_vms(always(*vms), "web") == ("web",)


@pytest.mark.parametrize(
    ("words", "names", "expected"),
    [
        pytest.param("Web", ["web-01", "web"], ("web",), id="same but case"),
        pytest.param(
            "db", ["xx-db-long-name", "dbc"], ("dbc", "xx-db-long-name"), id="alike"
        ),
        pytest.param("prod", ["my-prod-vm", "zzz"], ("my-prod-vm",), id="within"),
        pytest.param("web", ["zzz", ""], (), id="nothing near"),
        pytest.param("a", [f"a{n}" for n in range(9)], 5, id="at most five"),
    ],
)
def test_the_nearest_come_first(words, names, expected):
    found = resolve.nearest(words, names)

    assert (len(found) if isinstance(expected, int) else found) == expected


@given(st.text(max_size=8), NAMES)
def test_only_names_that_exist_are_offered_each_once(words, names):
    found = resolve.nearest(words, names)

    assert set(found) <= set(names)
    assert len(set(found)) == len(found) <= 5


async def test_the_names_around_a_vm_are_those_of_host_zone_and_isos(ask):
    names = await resolve.names_around(ask, await resolve.find_vms(ask, "db-01"))

    assert sorted(names.values()) == ["east", "east-host-1", "rescue.iso", UBUNTU]


UBUNTU = "ubuntu-24.04.iso"


async def test_what_the_person_may_not_see_is_left_out(bench, ask):
    vms = await resolve.find_vms(ask, "web-01")
    bench.node.faults.add("fail", "QueryHost", code="ID.1002")

    names = await resolve.names_around(ask, vms)

    assert sorted(names.values()) == ["east", UBUNTU]


async def test_nothing_is_asked_about_a_vm_that_is_nowhere(bench, ask):
    before = len(bench.node.log.received)
    vm = VmInstance(uuid="a" * 32, vm_cd_roms=(VmCdRom(uuid="c"),), vm_nics=())

    assert await resolve.names_around(ask, [vm]) == {}
    assert len(bench.node.log.received) == before


async def test_a_nameless_neighbour_is_left_out():
    vm = VmInstance(uuid="a" * 32, host_uuid="b" * 32, vm_nics=(VmNic(uuid="n"),))

    assert await resolve.names_around(always(VmInstance(uuid="b" * 32)), [vm]) == {}


async def test_the_owner_is_named(bench, ask):
    uuid = bench.node.world.vm("web-01").uuid

    assert await resolve.find_owner(ask, uuid) == "ops"


async def test_an_owner_that_may_not_be_known_is_nobody(bench, ask):
    uuid = bench.node.world.vm("web-01").uuid
    bench.node.faults.add("fail", "QueryAccountResourceRef", code="ID.1002")

    assert await resolve.find_owner(ask, uuid) is None


@pytest.mark.parametrize(
    "refs", [(), (AccountResourceRef(),)], ids=["no reference", "an empty one"]
)
async def test_a_vm_without_an_owner_has_none(refs):
    assert await resolve.find_owner(always(*refs), "a" * 32) is None


@pytest.mark.parametrize(
    ("accounts", "name"),
    [((), None), ((Account(uuid="b" * 32, name="ops"),), "ops")],
    ids=["hidden account", "older release"],
)
async def test_an_owner_is_looked_up_by_the_reference(accounts, name):
    async def ask(question):
        is_first = "ResourceRef" in type(question).__name__
        return (AccountResourceRef(account_uuid="b" * 32),) if is_first else accounts

    assert await resolve.find_owner(ask, "a" * 32) == name


async def test_questions_are_put_to_zstack_exactly_as_meant(bench, ask):
    await resolve.find_vms(ask, "web-01")

    received = bench.node.log.received[-1]
    assert received.api == QueryVmInstance.__name__
    assert received.ignored == []


async def test_the_tags_of_a_vm_are_asked_for_as_the_policy_writes_them(bench, ask):
    vm = bench.node.world.vm("web-01")
    vm.user_tags = ["prod:1", "100%"]
    globs = ["prod:*", "prod:?", "prod", "100%", "1_0%", "iso::*"]

    fit = await resolve.tags_that_fit(ask, vm.uuid, globs)

    assert fit == {"prod:*", "prod:?", "100%", "iso::*"}


async def test_tags_that_zstack_does_not_tell_are_not_known(bench, ask):
    bench.node.faults.add("error", "QueryVmInstance")

    assert await resolve.tags_that_fit(ask, "a" * 32, ["prod"]) is None


async def test_a_cluster_is_named(bench, ask):
    vm = bench.node.world.vm("web-01")

    assert await resolve.cluster_names(ask, vm.cluster_uuid) == {
        vm.cluster_uuid: "east-kvm"
    }
