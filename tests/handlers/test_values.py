import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.operation import OPERATIONS
from desk.errors import UserError
from handlers.values import parse_value


@pytest.mark.parametrize(
    ("value", "operation", "arguments"),
    [
        ("vm.reboot uuid=a", "RebootVmInstance", {"uuid": "a"}),
        ('vm.reboot uuid="my vm"', "RebootVmInstance", {"uuid": "my vm"}),
        ("vm.reboot vm=-x", "RebootVmInstance", {"uuid": "-x"}),
        ("vm.stop a", "StopVmInstance", {"uuid": "a"}),
        ("vm.stop type=cold uuid=a", "StopVmInstance", {"uuid": "a", "type": "cold"}),
        (
            "iso.detach iso=b vmInstanceUuid=a",
            "DetachIsoFromVmInstance",
            {"vm_instance_uuid": "a", "iso_uuid": "b"},
        ),
        (
            "alarm.ack alarm_uuid=a alertDataUuid=b ackPeriodSec=60",
            "AckAlarmData",
            {"alarm_uuid": "a", "alert_data_uuid": "b", "ack_period_sec": "60"},
        ),
    ],
)
def test_a_button_says_what_could_be_typed(value, operation, arguments):
    words = parse_value(value)

    assert (words.operation, words.arguments) == (operation, arguments)


@pytest.mark.parametrize("value", ["vm.reboot vm=a cloud=lab", "vm.reboot cloud=lab a"])
def test_a_button_may_name_one_of_several_clouds(value):
    words = parse_value(value)

    assert (words.cloud, words.arguments) == ("lab", {"uuid": "a"})


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        pytest.param("", "ask whoever wrote the alert", id="empty"),
        pytest.param("silence_15m", "ask whoever wrote the alert", id="another's"),
        pytest.param("logout", "ask whoever wrote the alert", id="about the bot"),
        pytest.param("vm.list", "ask whoever wrote the alert", id="a look"),
        pytest.param("vm.reboot uuid=", "A name is empty", id="label without value"),
        pytest.param("vm.reboot", "The vm is missing", id="no VM"),
        pytest.param("vm.reboot host=a", "nothing called “host”", id="unknown name"),
        pytest.param("vm.reboot uuid=a cloud=", "comes its name", id="no cloud"),
        pytest.param("vm.reboot uuid=a vm=b", "one thing twice", id="two VMs"),
        pytest.param("vm.reboot uuid=a b", "“b” is too much", id="one too many"),
        pytest.param(
            "vm.stop uuid=a type=hot",
            "--type is grace or cold, and not “hot”",
            id="no choice",
        ),
        pytest.param("vm.reboot uuid=<!channel>", "mention or link", id="mention"),
        pytest.param("vm.reboot uuid=a\u202eb", "invisible", id="text turned round"),
    ],
)
def test_a_button_that_cannot_be_understood_says_why(value, complaint):
    with pytest.raises(UserError) as caught:
        parse_value(value)

    assert complaint in str(caught.value)


HEADS = st.sampled_from(
    ["vm.reboot", "iso.detach", "vm", "", "alarm.ack", "vm.reboot."]
)


@given(st.builds("{} {}={}".format, HEADS, st.text(), st.text()) | st.text())
def test_whatever_a_button_says_is_a_change_in_words_or_a_sentence(value):
    with contextlib.suppress(UserError):
        assert OPERATIONS[parse_value(value).operation].rest.command
