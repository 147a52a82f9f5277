"""The question to the policy: what commands are called, and where things are."""

import pytest

from desk.command import Command
from desk.permission import _place, command_of
from desk.person import Person


def row(operation, **arguments):
    return Command(
        id="r",
        key="r",
        person=Person(enterprise="", team="T0", user="U1"),
        place={},
        words="",
        operation=operation,
        arguments=arguments,
        step="decide.1",
        outcome="accepted",
    )


@pytest.mark.parametrize(
    ("command", "called"),
    [
        (row("StopVmInstance", uuid="x"), "vm stop"),
        (row("DetachIsoFromVmInstance", vm_instance_uuid="x"), "iso detach"),
        (row("QueryVmInstance"), "vm list"),
        (row("QueryVmInstance", show="x"), "vm show"),
        (row("QueryZone"), "QueryZone"),
        (row("history"), "history"),
    ],
)
def test_rules_call_a_command_as_people_do(command, called):
    assert command_of(command) == called


def test_what_is_nowhere_is_in_no_zone_and_a_zone_without_a_name_is_not_known():
    assert _place(None, {}) == frozenset()
    assert _place("z", {"z": "east"}) == {"z", "east"}
    assert _place("z", {}) is None
