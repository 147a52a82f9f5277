from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.models import VmInstance
from desk.alerts.resources import Found, Kind, Reference, look_up, reference_of
from tests.desk.conftest import ALICE

VM, HOST, EITHER = Kind.VM, Kind.HOST, Kind.EITHER


@pytest.mark.parametrize(
    ("labels", "annotations", "found"),
    [
        pytest.param({"VMUuid": "a"}, {}, (VM, "a"), id="ZWatch"),
        pytest.param({"hostUuid": "a"}, {}, (HOST, "a"), id="host"),
        pytest.param({"vm_name": "web"}, {}, (VM, "web"), id="name"),
        pytest.param({"vm": "b", "VMUuid": "a"}, {}, (VM, "a"), id="the first counts"),
        pytest.param({"VMUuid": " ", "vm": "b"}, {}, (VM, "b"), id="an empty label"),
        pytest.param(
            {"vm": "b"}, {"zstack_resource": "c"}, (VM, "b"), id="label first"
        ),
        pytest.param({}, {"zstack_resource": "web-01"}, (EITHER, "web-01"), id="note"),
        pytest.param({}, {"zstack_resource": "vm:web"}, (VM, "web"), id="noted VM"),
        pytest.param(
            {}, {"zstack_resource": "Host: h1"}, (HOST, "h1"), id="noted host"
        ),
        pytest.param({}, {"zstack_resource": "vm:"}, None, id="nothing behind"),
        pytest.param({"instance": "10.0.0.1:9100"}, {}, (EITHER, "10.0.0.1"), id="IP"),
        pytest.param({"instance": "[::1]:9100"}, {}, (EITHER, "::1"), id="IPv6"),
        pytest.param({"instance": "fe80::1"}, {}, (EITHER, "fe80::1"), id="bare IPv6"),
        pytest.param({"instance": "web-01:80"}, {}, (EITHER, "web-01"), id="host name"),
        pytest.param({"instance": "a:b"}, {}, (EITHER, "a:b"), id="no port"),
        pytest.param({"job": "node"}, {}, None, id="nothing"),
    ],
)
def test_an_alert_names_what_it_is_about(labels, annotations, found):
    assert reference_of(labels, annotations) == found


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("VmInstanceVO", (VM, "a")),
        ("vm", (VM, "a")),
        ("HostVO", (HOST, "a")),
        ("ImageVO", None),
        ("", (EITHER, "a")),
    ],
)
def test_the_type_of_a_noted_resource_counts(kind, found):
    notes = {"zstack_resource": "a", "zstack_resource_type": kind}

    assert reference_of({}, notes) == found


def test_which_labels_count_can_be_said():
    assert reference_of({"VMUuid": "a", "server": "b"}, {}, ["server"]) == (VM, "b")


TEXTS = st.dictionaries(
    st.sampled_from(["VMUuid", "vm", "instance", "zstack_resource", "x"]), st.text()
)


@given(TEXTS, TEXTS)
def test_whatever_an_alert_says_no_reference_is_empty(labels, annotations):
    found = reference_of(labels, annotations)

    assert found is None or found.words.strip()


@pytest.fixture
def ask(bench):
    """Questions under Alice's session; what was asked is in the node's log."""
    return partial(bench.desk.sessions.call, ALICE)


async def test_all_are_found_with_few_questions(bench, ask):
    vm = bench.node.world.vm("web-01")
    host = bench.node.world.host("east-host-1")
    wanted = {
        "uuid": Reference(VM, vm.uuid),
        "ip": Reference(EITHER, vm.nics[0].ip),
        "name": Reference(EITHER, "db-01"),
        "host": Reference(EITHER, host.management_ip),
        "host name": Reference(HOST, "east-host-2"),
        "nobody": Reference(EITHER, "nobody"),
    }

    found = await look_up(ask, wanted.values())

    names = {
        it: found[ref].vm.name
        for it, ref in wanted.items()
        if "h" not in it and ref in found
    }
    assert names == {"uuid": "web-01", "ip": "web-01", "name": "db-01"}
    assert found[wanted["host"]].hosts[0].name == "east-host-1"
    assert found[wanted["host name"]].hosts[0].name == "east-host-2"
    assert wanted["nobody"] not in found
    assert "ubuntu-24.04.iso" in found[wanted["uuid"]].names.values()
    asked = [it.api for it in bench.node.log.received if it.api and "Query" in it.api]
    assert len(asked) <= 8


async def test_a_hundred_alerts_about_one_vm_are_one_question(bench, ask):
    vm = bench.node.world.vm("web-01")
    bench.node.log.clear()

    await look_up(ask, [Reference(VM, vm.uuid)] * 100)

    asked = [it.api for it in bench.node.log.received]
    assert asked.count("QueryVmInstance") == 1


async def test_more_than_fit_in_one_question_are_several(bench, ask):
    wanted = [Reference(VM, f"{number:032x}") for number in range(150)]
    bench.node.log.clear()

    assert await look_up(ask, wanted) == {}

    asked = [it.api for it in bench.node.log.received]
    assert asked.count("QueryVmInstance") == 4  # by uuid and by name


async def test_names_that_two_vms_share_are_not_one_vm(ask):
    twin = Reference(VM, "twin")

    seen = (await look_up(ask, [twin]))[twin]

    assert (len(seen.vms), seen.vm) == (2, None)


async def test_a_name_that_differs_in_case_is_another(ask):
    assert await look_up(ask, [Reference(VM, "WEB-01")]) == {}


async def test_nothing_wanted_is_not_asked_about(bench, ask):
    bench.node.log.clear()

    assert await look_up(ask, []) == {}
    assert bench.node.log.received == []


def test_a_vm_of_its_own_is_the_one():
    vm = VmInstance(uuid="a" * 32)

    assert Found(vms=(vm,)).vm is vm
