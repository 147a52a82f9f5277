import json
import re
from pathlib import Path

import pytest
from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from api import operations
from api.operation import OPERATIONS, Operation, Risk, resource_fields, rest
from api.operations import AttachIsoToVmInstance, DetachIsoFromVmInstance
from api.query import Query
from api.wire import to_camel_name

SAMPLES = Path(__file__).parent / "samples"
DOCUMENTED = json.loads((SAMPLES / "operations.json").read_text())
TAGS = {"systemTags", "userTags"}

every_operation = pytest.mark.parametrize(
    "operation", OPERATIONS.values(), ids=OPERATIONS
)


def in_camel(path):
    return re.sub(r"\{(\w+)}", lambda found: f"{{{to_camel(found[1])}}}", path)


@every_operation
def test_every_operation_is_complete(operation):
    assert operation.summary().endswith("."), "a docstring, as a sentence"
    assert all(field.description for field in operation.model_fields.values())
    assert not (operation.rest.risk is Risk.READ and operation.rest.asynchronous)


@every_operation
def test_every_operation_has_a_field_for_each_path_variable(operation):
    variables = set(re.findall(r"\{(\w+)}", operation.rest.path))
    required = {n for n, f in operation.model_fields.items() if f.is_required()}

    assert variables <= required


@every_operation
def test_every_operation_has_the_method_and_path_of_zstack(operation):
    known = DOCUMENTED[operation.__name__]

    assert (operation.rest.method, in_camel(operation.rest.path)) == (
        known["method"],
        known["path"],
    )


@every_operation
def test_every_operation_is_asynchronous_where_zstack_is(operation):
    assert operation.rest.asynchronous is DOCUMENTED[operation.__name__]["async"]


@every_operation
def test_every_operation_sends_a_session_where_zstack_wants_one(operation):
    assert operation.rest.needs_session is DOCUMENTED[operation.__name__]["needSession"]


@every_operation
def test_every_action_has_the_body_key_of_zstack(operation):
    is_action = operation.rest.method == "PUT"
    key = to_camel_name(operation.__name__) if is_action else "params"

    assert key == (DOCUMENTED[operation.__name__]["bodyKey"] or "params")


@every_operation
def test_every_parameter_is_one_of_zstack(operation):
    ours = {to_camel(name) for name in operation.model_fields} - TAGS
    ours = {"q" if name == "conditions" else name for name in ours}

    assert ours <= set(DOCUMENTED[operation.__name__]["params"])


@every_operation
def test_every_operation_is_exported(operation):
    assert getattr(operations, operation.__name__) is operation


def test_every_exported_name_is_an_operation():
    assert set(operations.__all__) == set(OPERATIONS)


@every_operation
def test_every_reading_answers_what_its_type_says(operation):
    many = issubclass(operation, Query)

    assert (operation.rest.reply == "inventories") or not many


def test_every_command_is_a_noun_and_a_verb_of_its_own():
    commands = [o.rest.command for o in OPERATIONS.values() if o.rest.command]

    assert all(len(command.split()) == 2 for command in commands)
    assert len(set(commands)) == len(commands)


def test_a_typo_in_a_parameter_is_refused():
    with pytest.raises(ValidationError, match="iso_uid"):
        DetachIsoFromVmInstance(vm_instance_uuid="42", iso_uid="7")


def test_an_operation_cannot_change_under_way():
    detach = DetachIsoFromVmInstance(vm_instance_uuid="42")

    with pytest.raises(ValidationError, match="frozen"):
        detach.iso_uuid = "7"


@pytest.mark.parametrize("field", ["vm_instance_uuid", "iso_uuid"])
def test_half_a_surrogate_pair_is_refused(field):
    values = {"vm_instance_uuid": "42", "iso_uuid": "7", field: "\ud83d"}

    with pytest.raises(ValidationError, match=r"valid (text|string)"):
        DetachIsoFromVmInstance(**values)


def test_an_empty_iso_is_refused():
    with pytest.raises(ValidationError, match="at least 1 character"):
        DetachIsoFromVmInstance(vm_instance_uuid="42", iso_uuid="")


def test_resources_are_found_by_their_kind():
    assert resource_fields(AttachIsoToVmInstance) == {
        "vm_instance_uuid": "vm",
        "iso_uuid": "iso",
    }


def test_an_operation_that_does_not_say_what_it_answers_is_refused():
    with pytest.raises(TypeError, match="Silent does not say what it answers"):

        @rest("GET /silence", risk=Risk.READ)
        class Silent(Operation):
            """Say nothing."""


def test_an_optional_resource_keeps_its_kind():
    assert resource_fields(DetachIsoFromVmInstance)["iso_uuid"] == "attached iso"
