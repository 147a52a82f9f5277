import pytest
from pydantic import ValidationError

from api.models import Host, VmCdRom, VmInstance
from desk.alerts.resources import Found, Kind, Reference
from desk.alerts.sight import sights
from desk.alerts.wanted import MOST, About, wanted
from desk.policy.alerts import Action
from tests.desk.alerts.conftest import told

WEB = Reference(Kind.VM, "web-01")


def vm(state="Running", isos=("iso1",), uuid="a" * 32, name="web-01"):
    drives = tuple(
        VmCdRom(uuid=f"d{number}", device_id=number, iso_uuid=iso)
        for number, iso in enumerate(isos)
    )
    return VmInstance(
        uuid=uuid, name=name, state=state, host_uuid="h1", vm_cd_roms=drives
    )


def about(seen=None, reference=WEB, **alert):
    found = seen and Found(vms=(seen,), names={"iso1": "a.iso", "h1": "host-1"})
    return About(told(**alert), reference, found)


def labels(abouts, *actions, silences=False):
    return [it.label for it in wanted(abouts, actions, silences=silences)]


@pytest.mark.parametrize(
    ("state", "isos", "buttons"),
    [
        ("Running", (), []),
        ("Running", ("iso1", "iso2"), ["Detach a.iso", "Detach iso2"]),
        ("Stopped", ("iso1",), ["Start", "Detach a.iso"]),
        ("Paused", (), ["Resume"]),
        ("Migrating", ("iso1",), []),
        (None, (), []),
    ],
)
def test_what_was_seen_makes_buttons(state, isos, buttons):
    assert labels([about(vm(state, isos))]) == buttons


def test_nothing_is_offered_for_what_has_resolved():
    ended = about(vm(), status="resolved")

    assert labels([ended], Action(command="vm reboot"), silences=True) == []


def test_two_alerts_about_one_vm_make_one_button():
    assert labels([about(vm()), about(vm(), fingerprint="b")]) == ["Detach a.iso"]


def test_buttons_for_two_vms_name_them():
    other = vm("Stopped", (), uuid="b" * 32, name="web-02")

    found = labels([about(vm("Stopped", ())), about(other)])

    assert found == ["Start: web-01", "Start: web-02"]


def test_there_are_never_too_many_buttons():
    many = [about(vm("Stopped", (), uuid=f"{n:032x}")) for n in range(40)]

    assert len(wanted(many, (), silences=False)) == MOST


@pytest.mark.parametrize(
    ("rule", "alert", "arguments"),
    [
        pytest.param({"command": "vm reboot"}, {}, {"uuid": "web-01"}, id="its VM"),
        pytest.param(
            {"command": "vm stop", "arguments": {"type": "cold"}},
            {},
            {"type": "cold", "uuid": "web-01"},
            id="a parameter",
        ),
        pytest.param(
            {"command": "vm reboot", "arguments": {"uuid": "{a}-{b}"}},
            {"labels": {"a": "x y", "b": "{a}"}},
            {"uuid": "x y-{a}"},
            id="labels are values alone",
        ),
        pytest.param(
            {"command": "vm reboot", "arguments": {"uuid": "{severity}"}},
            {"severity": "web-02"},
            {"uuid": "web-02"},
            id="severity",
        ),
    ],
)
def test_a_rule_fills_an_operation_in(rule, alert, arguments):
    (button,) = wanted([about(**alert)], [Action(**rule)], silences=False)

    assert button.arguments == arguments


@pytest.mark.parametrize(
    ("rule", "alert"),
    [
        pytest.param(
            {"command": "vm reboot", "arguments": {"uuid": "{a}"}}, {}, id="no label"
        ),
        pytest.param({"command": "vm reboot"}, {"reference": None}, id="no VM"),
        pytest.param({"command": "iso attach"}, {}, id="no ISO"),
        pytest.param(
            {"command": "vm reboot", "labels": {"a": "b"}}, {}, id="another alert"
        ),
        pytest.param(
            {"command": "vm reboot"},
            {"reference": Reference(Kind.HOST, "h")},
            id="a host",
        ),
        pytest.param({"command": "alarm ack"}, {}, id="no alarm"),
    ],
)
def test_a_rule_whose_words_are_not_known_makes_no_button(rule, alert):
    assert labels([about(**alert)], Action(**rule)) == []


def test_a_name_that_two_vms_have_makes_no_button():
    twins = About(told(), WEB, Found(vms=(vm(), vm(uuid="b" * 32))))

    assert labels([twins], Action(command="vm reboot")) == []


def test_what_an_alert_itself_asks_for_is_doubted():
    asking = about(actions=("vm.reboot", "vm.list", "rm -rf"))

    (button,) = wanted([asking], (), silences=False)

    assert (button.operation, button.arguments) == (
        "RebootVmInstance",
        {"uuid": "web-01"},
    )
    assert button.doubt == "The alert itself asks for this."


@pytest.mark.parametrize(
    "rule",
    [
        pytest.param({"command": "vm list"}, id="a look"),
        pytest.param({"command": "vm dance"}, id="no command"),
        pytest.param({"command": "vm stop", "arguments": {"x": "y"}}, id="no field"),
    ],
)
def test_a_rule_that_means_nothing_is_refused(rule):
    with pytest.raises(ValidationError):
        Action(**rule)


def test_an_event_is_acknowledged_with_what_told_it():
    origin = {"kind": "event", "subscription_uuid": "s", "data_uuid": "d"}

    (button,) = wanted([about(origin=origin)], (), silences=False)

    assert (button.label, button.operation) == ("Acknowledge", "AckEventData")
    assert button.words == "acknowledge Alert a"
    assert button.arguments == {
        "event_subscription_uuid": "s",
        "alert_data_uuid": "d",
    }


@pytest.mark.parametrize(
    ("alerts", "silenced"),
    [
        pytest.param([{"labels": {"a": "b"}}], True, id="Alertmanager's"),
        pytest.param(
            [{"labels": {"a": "b"}, "source": "zwatch"}], False, id="ZStack's"
        ),
        pytest.param([{"labels": {"a": "b"}}, {"labels": {}}], False, id="not alike"),
    ],
)
def test_only_what_alertmanager_can_tell_apart_is_silenced(alerts, silenced):
    abouts = [about(reference=None, **alert) for alert in alerts]

    assert bool(labels(abouts, silences=True)) is silenced


def test_what_was_seen_is_said_once_for_each_resource():
    several = Reference(Kind.VM, "twin")
    host = Reference(Kind.HOST, "h")
    gone = Reference(Kind.VM, "gone")
    state = {"state": "Enabled", "status": "Connected"}
    abouts = [
        about(vm()),
        about(vm(isos=()), fingerprint="b"),
        About(told(), several, Found(vms=(vm(), vm()))),
        About(told(), host, Found(hosts=(Host(uuid="h1", name="host-1", **state),))),
        About(told(), gone),
        About(told()),
    ]

    said = sights(abouts, now=0.0, looks={""})

    assert said == (
        "web-01 is Running on host-1, seen at 00:00:00 UTC",
        "“twin” is the name of 2 VMs.",
        "Host host-1 is Enabled and Connected, seen at 00:00:00 UTC",
        "“gone” is nothing that the bot sees in ZStack.",
    )


def test_many_resources_are_counted():
    vms = [Reference(Kind.VM, f"vm-{n}") for n in range(9)]
    abouts = [About(told(), it, is_blind=True) for it in vms]

    said = sights(abouts, now=0.0, looks={""})

    assert said[0] == "vm-0: ZStack did not tell how it is at 00:00:00 UTC."
    assert (len(said), said[-1]) == (6, "And 4 more.")


def test_what_is_not_known_of_a_vm_or_host_is_said():
    bare = Found(vms=(VmInstance(uuid="a"),))
    nameless = Found(hosts=(Host(uuid="h"),))
    abouts = [
        About(told(), Reference(Kind.VM, "a"), bare),
        About(told(), Reference(Kind.HOST, "h"), nameless),
    ]

    said = sights(abouts, now=0.0, looks={""})

    assert said[0].startswith("a is in an unknown state, seen")
    assert said[1].startswith("Host h is in an unknown state, seen")
