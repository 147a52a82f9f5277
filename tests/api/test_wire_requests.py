import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.errors import Refused
from api.operations import (
    AttachIsoToVmInstance,
    DetachIsoFromVmInstance,
    GetTaskProgress,
    GetVersion,
    LogInByAccount,
    LogInByLdap,
    LogOut,
    QueryAccountResourceRef,
    QueryVmInstance,
)
from api.query import Op, where
from api.wire import Request, to_job_request, to_request

VM, ISO = "ee0d9801bd604235b2a20a87fe50c7a4", "dffgdiofgerut566jveritynrt9w4c5u4tv9"


def test_detach_is_the_request_of_the_documentation():
    detach = DetachIsoFromVmInstance(vm_instance_uuid=VM, iso_uuid=ISO)

    assert to_request(detach) == Request(
        "DELETE", f"/v1/vm-instances/{VM}/iso", (("isoUuid", ISO),)
    )
    assert to_request(detach).target == f"/v1/vm-instances/{VM}/iso?isoUuid={ISO}"


def test_detach_without_an_iso_sends_no_empty_iso():
    target = to_request(DetachIsoFromVmInstance(vm_instance_uuid=VM)).target

    assert target == f"/v1/vm-instances/{VM}/iso"


def test_tags_of_a_detach_are_repeated_keys_of_the_query_string():
    detach = DetachIsoFromVmInstance(
        vm_instance_uuid=VM, system_tags=("validationOnly", "a b"), user_tags=("c&d",)
    )

    assert to_request(detach).target.partition("?")[2] == (
        "systemTags=validationOnly&systemTags=a%20b&userTags=c%26d"
    )


def test_attach_has_an_empty_body():
    attach = AttachIsoToVmInstance(vm_instance_uuid=VM, iso_uuid=ISO)

    assert to_request(attach) == Request(
        "POST", f"/v1/vm-instances/{VM}/iso/{ISO}", (), {}
    )


def test_tags_of_an_attach_stand_at_the_top_of_the_body():
    tags = ("cdromUuid::7",)
    attach = AttachIsoToVmInstance(
        vm_instance_uuid=VM, iso_uuid=ISO, system_tags=tags, user_tags=("mine",)
    )

    assert to_request(attach).body == {"systemTags": [*tags], "userTags": ["mine"]}


def test_an_action_goes_in_the_body_under_its_own_name():
    assert to_request(GetVersion()) == Request(
        "PUT", "/v1/management-nodes/actions", (), {"getVersion": {}}
    )


def test_tags_of_an_action_stand_beside_it():
    assert to_request(GetVersion(system_tags=("a",))).body == {
        "getVersion": {},
        "systemTags": ["a"],
    }


def test_a_password_is_sent_as_its_digest():
    body = to_request(
        LogInByAccount(account_name="admin", password="sandbox-password")
    ).body

    assert body == {
        "logInByAccount": {
            "accountName": "admin",
            "password": hashlib.sha512(b"sandbox-password").hexdigest(),
        }
    }


def test_a_password_for_ldap_is_sent_as_it_is():
    body = to_request(LogInByLdap(uid="ann", password="pässword")).body

    assert body == {"logInByLdap": {"uid": "ann", "password": "pässword"}}


def test_a_truth_is_written_in_lower_case():
    assert to_request(GetTaskProgress(api_id="42", all=True)).query == (
        ("all", "true"),
    )


@pytest.mark.parametrize(
    "uuid",
    [
        pytest.param("", id="nothing"),
        pytest.param(".", id="here"),
        pytest.param("..", id="up"),
        pytest.param("../images", id="up and over"),
        pytest.param("a/b", id="a slash"),
        pytest.param("a\\b", id="a backslash"),
        pytest.param("a?isoUuid=", id="a query"),
        pytest.param("a#b", id="a fragment"),
        pytest.param("a%2e%2e", id="encoded dots"),
        pytest.param("a b", id="a space"),
        pytest.param("a\nb", id="a line"),
        pytest.param("a\n", id="a last line"),
        pytest.param("虚拟机", id="a name in Chinese"),
    ],
)
def test_what_could_lead_to_another_path_is_not_sent(uuid):
    with pytest.raises(Refused, match="vm_instance_uuid is not a uuid"):
        to_request(DetachIsoFromVmInstance(vm_instance_uuid=uuid))


def test_a_secret_that_is_no_uuid_is_not_repeated():
    with pytest.raises(Refused) as caught:
        to_request(LogOut(session_uuid="hunter2/hunter3"))

    assert "hunter" not in str(caught.value)


@given(st.text())
def test_a_job_never_leads_to_another_path(job_uuid):
    try:
        path = to_job_request(job_uuid).target
    except Refused:
        return
    assert path == f"/v1/api-jobs/{job_uuid}"


def test_a_question_is_written_as_conditions():
    query = QueryVmInstance(
        conditions=(where("name", "web 1"), where("state", "Running", op=Op.NE)),
        limit=5,
        start=10,
    )

    assert to_request(query).target == (
        "/v1/vm-instances?q=name%3Dweb%201&q=state%21%3DRunning&limit=5&start=10"
    )


@pytest.mark.parametrize(
    ("sort", "sent"),
    [
        pytest.param("name", "+name", id="ascending"),
        pytest.param("-createDate", "-createDate", id="descending"),
    ],
)
def test_an_order_is_sent_with_its_direction(sort, sent):
    assert ("sort", sent) in to_request(QueryVmInstance(sort=sort)).query


def test_the_plus_of_an_order_does_not_decode_to_a_space():
    assert "sort=%2Bname" in to_request(QueryVmInstance(sort="name")).target


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        pytest.param(QueryVmInstance(fields=("name",)), "uuid,name", id="left out"),
        pytest.param(
            QueryVmInstance(fields=("name", "uuid")), "uuid,name", id="asked for"
        ),
        pytest.param(
            QueryAccountResourceRef(fields=("resourceUuid",)), "resourceUuid", id="none"
        ),
    ],
)
def test_partial_inventories_are_asked_with_the_uuid_they_have(query, sent):
    assert ("fields", sent) in to_request(query).query


def test_a_value_that_looks_like_an_operator_is_asked_in_zql():
    query = QueryVmInstance(conditions=(where("name", "a!=b"),), limit=1)

    assert to_request(query) == Request(
        "GET",
        "/v1/zql",
        (("zql", "query vminstance where name = 'a!=b' limit 1 offset 0"),),
    )
