import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic.alias_generators import to_snake

from api.models import (
    ErrorCode,
    Session,
    TaskProgress,
    UsedIp,
    VmCdRom,
    VmInstance,
    VmNic,
    Volume,
)

SAMPLES = Path(__file__).parent / "samples"
FIELDS = json.loads((SAMPLES / "fields.json").read_text())
REPLY = json.loads((SAMPLES / "DetachIsoFromVmInstance.json").read_text())["inventory"]
ZONE = ZoneInfo("Asia/Shanghai")
MOMENT = datetime(2017, 11, 14, 22, 20, 57, tzinfo=ZONE)

TABLES = {
    "error": ErrorCode,
    "inventory": VmInstance,
    "vmNics": VmNic,
    "usedIps": UsedIp,
    "allVolumes": Volume,
}
# What is sent for a documented type, and what is read.
TYPES = {
    "String": ("text", "text"),
    "Long": (8.589934592e9, 8589934592),
    "long": (1.0, 1),
    "Integer": (2.0, 2),
    "Boolean": (True, True),
    "Timestamp": ("Nov 14, 2017 10:20:57 PM", MOMENT),
    "List": ([{"uuid": "7"}], "7"),
    "LinkedHashMap": ({"a": 1}, {"a": 1}),
    "ErrorCode": ({"code": "VM.1010"}, ErrorCode(code="VM.1010")),
}


def read(model, value):
    return model.model_validate(value, context={"zone": ZONE})


@pytest.mark.parametrize(
    ("model", "field", "kind"),
    [
        pytest.param(model, field, kind, id=f"{table} {field}")
        for table, model in TABLES.items()
        for field, kind in FIELDS[table].items()
    ],
)
def test_every_documented_field_is_read_as_its_type(model, field, kind):
    sent, expected = TYPES[kind]
    inventory = read(model, {"uuid": "42"} | {field: sent})

    assert model.model_fields[_python_name(model, field)].alias == field
    value = getattr(inventory, _python_name(model, field))
    assert (value[0].uuid if kind == "List" else value) == expected


def _python_name(model, alias):
    return next(n for n, field in model.model_fields.items() if field.alias == alias)


def test_the_documented_reply_is_read_whole():
    vm = read(VmInstance, REPLY)

    assert (vm.name, vm.state, vm.cpu_num) == ("Test-VM", "Running", 1)
    assert (vm.memory_size, type(vm.memory_size)) == (8589934592, int)
    assert vm.create_date == MOMENT
    assert vm.vm_nics[0].mac == "00:0c:29:bd:99:fc"
    assert vm.all_volumes[0].actual_size == 21474836480
    assert not vm.model_extra


def test_the_documented_reply_survives_a_round_trip():
    vm = read(VmInstance, REPLY)
    again = VmInstance.model_validate_json(vm.model_dump_json(by_alias=True))

    assert again == vm


@pytest.mark.parametrize("value", [1, 1.0, "1", "1.0"], ids=repr)
def test_a_whole_number_is_read_in_every_form(value):
    assert read(VmInstance, {"uuid": "42", "cpuNum": value}).cpu_num == 1


def test_a_number_beyond_64_bits_is_kept():
    assert read(VmInstance, {"uuid": "42", "memorySize": 2**70}).memory_size == 2**70


def test_unknown_fields_and_members_survive_a_round_trip():
    sent = {
        "uuid": "42",
        "state": "VolumeMigrating",
        "newField": {"a": [1, 2]},
        "vmNics": [{"uuid": "7", "brandNew": True}],
    }

    vm = read(VmInstance, sent)

    assert vm.model_dump(by_alias=True, exclude_unset=True, mode="json") == sent


@pytest.mark.parametrize(
    ("model", "field", "empty"),
    [
        pytest.param(VmInstance, "vmNics", (), id="vmNics"),
        pytest.param(VmInstance, "allVolumes", (), id="allVolumes"),
        pytest.param(VmInstance, "vmCdRoms", None, id="vmCdRoms"),
        pytest.param(VmNic, "usedIps", (), id="usedIps"),
        pytest.param(ErrorCode, "causes", (), id="causes"),
        pytest.param(ErrorCode, "code", "", id="code"),
        pytest.param(TaskProgress, "subTasks", (), id="subTasks"),
    ],
)
def test_null_is_as_good_as_absent(model, field, empty):
    inventory = read(model, {"uuid": "42", field: None})

    assert getattr(inventory, to_snake(field)) == empty


@pytest.mark.parametrize("value", [7, 7.5, "seven"], ids=repr)
def test_a_member_that_is_a_number_is_read_as_text(value):
    assert read(VmInstance, {"uuid": "42", "state": value}).state == str(value)


def test_a_date_that_cannot_be_read_is_left_out():
    assert read(VmInstance, {"uuid": "42", "createDate": "soon"}).create_date is None


def test_dates_are_utc_when_no_zone_is_given():
    vm = VmInstance.model_validate(REPLY)

    assert vm.create_date == datetime(2017, 11, 14, 22, 20, 57, tzinfo=UTC)


def test_an_inventory_without_its_uuid_is_not_read():
    with pytest.raises(ValidationError):
        read(VmInstance, {"name": "web"})


def test_what_is_no_object_is_not_read():
    with pytest.raises(ValidationError):
        TypeAdapter(VmInstance).validate_python("web")


def drive(device, iso=None):
    return VmCdRom(uuid=f"drive-{device}", device_id=device, iso_uuid=iso)


@pytest.mark.parametrize(
    ("drives", "isos"),
    [
        pytest.param(None, (), id="before 3.3"),
        pytest.param((), (), id="no drive"),
        pytest.param((drive(0),), (), id="an empty drive"),
        pytest.param((drive(2, "c"), drive(0, "a"), drive(1)), ("a", "c"), id="sorted"),
        pytest.param((drive(1, "b"), drive(None, "a")), ("a", "b"), id="no number"),
    ],
)
def test_isos_are_told_in_the_order_of_the_drives(drives, isos):
    assert VmInstance(uuid="42", vm_cd_roms=drives).iso_uuids == isos


@pytest.mark.parametrize(
    ("error", "root"),
    [
        pytest.param({"code": "A"}, "A", id="alone"),
        pytest.param({"code": "A", "cause": {"code": "B"}}, "B", id="a cause"),
        pytest.param(
            {"code": "A", "cause": {"code": "B", "cause": {"code": "C"}}},
            "C",
            id="a chain",
        ),
        pytest.param({"code": "A", "causes": [{"code": "B"}]}, "B", id="causes"),
        pytest.param(
            {"code": "A", "causes": [{"code": "B"}], "cause": {"code": "C"}},
            "C",
            id="cause before causes",
        ),
        pytest.param({"code": "A", "cause": None, "causes": []}, "A", id="empty"),
    ],
)
def test_the_root_of_an_error_is_its_innermost_cause(error, root):
    assert read(ErrorCode, error).root.code == root


def test_the_chain_of_an_error_begins_with_itself():
    error = read(ErrorCode, {"code": "A", "cause": {"code": "B"}})

    assert [link.code for link in error.chain] == ["A", "B"]


@pytest.mark.parametrize(
    ("error", "text"),
    [
        pytest.param({"code": "A", "description": "b", "details": "c"}, "A: c", id="c"),
        pytest.param({"code": "A", "description": "b"}, "A: b", id="no details"),
        pytest.param({"code": "A"}, "A", id="only a code"),
        pytest.param({"details": "c"}, "c", id="only details"),
        pytest.param({"globalErrorCode": "ORG_X"}, "ORG_X", id="only a global code"),
    ],
)
def test_an_error_says_its_code_and_what_zstack_says(error, text):
    assert str(read(ErrorCode, error)) == text


@pytest.mark.parametrize(
    ("created", "expires", "lifetime"),
    [
        pytest.param(MOMENT, MOMENT + timedelta(hours=2), timedelta(hours=2), id="2 h"),
        pytest.param(None, MOMENT, None, id="no beginning"),
        pytest.param(MOMENT, None, None, id="no end"),
    ],
)
def test_a_session_knows_how_long_it_lives(created, expires, lifetime):
    session = Session(
        uuid="42", account_uuid="7", create_date=created, expired_date=expires
    )

    assert session.lifetime == lifetime


def test_progress_is_read_with_its_steps():
    step = {"taskName": "eject", "content": 60, "time": 1510669257000}

    progress = read(TaskProgress, {"taskName": "detach", "subTasks": [step]})

    assert progress.sub_tasks[0].content == "60"
    assert progress.sub_tasks[0].time == MOMENT
