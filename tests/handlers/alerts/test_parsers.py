"""Every source's payload becomes Alerts, or one sentence that says why not."""

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from desk.alerts.alert import Alert
from handlers.alerts import alertmanager, generic, grafana, pagerduty, zwatch
from handlers.alerts.reading import Unreadable, moment
from handlers.alerts.routes import SOURCES
from tests.handlers.alerts.conftest import SAMPLES

VM = "26643ce4b5604b128e3f7bb3d61ef779"
HALF_PAST = 1767605400.0  # 2026-01-05 09:30 UTC


def test_alertmanager_tells_each_alert_by_its_own_status(sample):
    firing, resolved = alertmanager.parse({}, sample("alertmanager"))

    assert (firing.status, resolved.status) == ("firing", "resolved")
    assert (firing.group, firing.more) == (resolved.group, 3)
    assert firing.fingerprint == "8c3d5c5f0f2f4b6a"
    assert firing.at == pytest.approx(HALF_PAST, abs=1)
    assert resolved.at == HALF_PAST - 120
    assert (firing.heading, firing.title) == ("VmCpuHigh", "VmCpuHigh")
    assert firing.text.startswith(
        "CPU of web-01 is at 97 %\nFor 10 minutes. <!channel>"
    )
    assert firing.labels["vmUuid"] == VM
    assert firing.severity == "critical"
    assert list(firing.links) == ["Runbook", "Prometheus"]


def test_an_alert_is_one_by_group_fingerprint_status_and_start(sample):
    told = json.loads(sample("alertmanager"))
    (first, _) = alertmanager.parse({}, sample("alertmanager"))

    def key(**changes):
        item = told["alerts"][0] | changes
        body = told | {"alerts": [item]}
        return alertmanager.parse({}, json.dumps(body).encode())[0].key

    assert key() == first.key
    assert key(annotations={"summary": "another text"}) == first.key
    for change in (
        {"status": "resolved"},
        {"startsAt": "2026-01-05T09:31:00Z"},
        {"fingerprint": "ffff"},
    ):
        assert key(**change) != first.key


def test_alerts_without_a_fingerprint_are_told_apart_by_their_labels(sample):
    told = json.loads(sample("alertmanager"))
    for item in told["alerts"]:
        del item["fingerprint"]

    first, second = alertmanager.parse({}, json.dumps(told).encode())

    assert first.own_key != second.own_key


def test_grafana_is_read_with_values_and_links(sample):
    first, second = grafana.parse({}, sample("grafana"))

    assert first.at == HALF_PAST
    assert (first.heading, first.title) == ("DiskAlmostFull", "DiskAlmostFull")
    assert "value=91.4" in first.text
    assert set(first.links) == {"Runbook", "Dashboard", "Panel", "Rule", "Silence"}
    assert (second.title, second.text, second.links) == ("DatasourceNoData", "", {})


def test_a_group_without_a_name_is_headed_by_its_labels(sample):
    told = json.loads(sample("alertmanager"))
    told["groupLabels"] = {"team": "web", "zone": "a"}

    first, _ = alertmanager.parse({}, json.dumps(told).encode())

    assert first.heading == "web, a"


@pytest.mark.parametrize(
    ("source", "body", "said"),
    [
        pytest.param(alertmanager, b"{", "not JSON", id="no JSON"),
        pytest.param(alertmanager, b"\xff", "not JSON", id="no UTF-8"),
        pytest.param(alertmanager, b"[" * 100_000, "not JSON", id="far too deep"),
        pytest.param(alertmanager, b"[]", "custom payload", id="no object"),
        pytest.param(alertmanager, b'{"version":"3"}', "“4”", id="another version"),
        pytest.param(grafana, b'{"version":"4"}', "“1”", id="Alertmanager to Grafana"),
        pytest.param(
            alertmanager, b'{"version":"4","alerts":[]}', "groupKey", id="no group"
        ),
        pytest.param(
            grafana, b'{"version":"1","groupKey":"x"}', "alerts", id="no alerts"
        ),
        pytest.param(
            alertmanager,
            b'{"version":"4","groupKey":"x","alerts":[{"status":"odd"}]}',
            "alerts.0.status",
            id="a status of its own",
        ),
        pytest.param(
            alertmanager,
            b'{"version":"4","groupKey":"x","alerts":[{"status":"firing","labels":7}]}',
            "alerts.0.labels",
            id="labels that are none",
        ),
        pytest.param(pagerduty, b"{}", "event", id="no event"),
        pytest.param(generic, b"{}", "sends: title is missing.", id="no title"),
        pytest.param(generic, b'{"title":7}', "title is no text", id="odd title"),
        pytest.param(generic, b"7", "the body is no JSON object.", id="a number"),
        pytest.param(
            grafana,
            b'{"version":"1","groupKey":"x","alerts":7}',
            "alerts is no list",
            id="a number for alerts",
        ),
        pytest.param(zwatch, b"7", "neither", id="a number to ZWatch"),
        pytest.param(zwatch, b"{}", "neither", id="nothing of ZWatch"),
        pytest.param(zwatch, b"," * 300, "not JSON", id="far too many commas"),
        pytest.param(zwatch, b"not JSON,,,", "not JSON", id="text to ZWatch"),
        pytest.param(zwatch, b'{"sections":[7]}', "neither", id="a section of text"),
        pytest.param(zwatch, b'{"sections":[]}', "neither", id="no section"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(source, body, said):
    with pytest.raises(Unreadable, match=said) as fault:
        source.parse({}, body)

    assert "\n" not in str(fault.value)
    assert str(fault.value).endswith(".")


def test_a_zwatch_alarm_names_its_resource_and_what_was_measured(sample):
    (alarm,) = zwatch.parse({}, sample("zwatch-alarm"))

    assert (alarm.status, alarm.at) == ("firing", HALF_PAST)
    assert alarm.title == "CPU of 虚拟机"
    assert alarm.severity == "Emergent"
    assert alarm.text == (
        "CPUUsedUtilization is 92.51%, alarm when > 80.0 for 300 s\nweb-01 · 10.0.0.11"
    )
    assert alarm.labels["VMUuid"] == VM
    assert "cluster" not in alarm.labels
    assert alarm.annotations == {
        "zstack_resource": VM,
        "zstack_resource_type": "VmInstanceVO",
        "zstack_resource_name": "web-01",
    }
    assert alarm.origin == {
        "kind": "alarm",
        "alarm_uuid": "5f0e7f3ad1b24b0c8a1f6a6f3a6d2f10",
        "data_uuid": "b1c2d3e4f5061728394a5b6c7d8e9f00",
        "resource_uuid": VM,
    }


def test_a_zwatch_alarm_without_data_says_so(sample):
    body = json.loads(sample("zwatch-recovered"))
    body |= {"ALARM_CURRENT_STATUS": "InsufficientData", "ALARM_CURRENT_VALUE": ""}

    (alarm,) = zwatch.parse({}, json.dumps(body).encode())

    assert alarm.status == "firing"
    said = "ZStack has too little data on CPUUsedUtilization to tell, alarm when > 80"
    assert alarm.text.startswith(said)


def test_a_zwatch_alarm_that_is_ok_again_resolves_the_same_alert(sample):
    (alarm,) = zwatch.parse({}, sample("zwatch-alarm"))

    (recovered,) = zwatch.parse({}, sample("zwatch-recovered"))

    assert recovered.status == "resolved"
    assert recovered.own_key == alarm.own_key
    assert recovered.key != alarm.key


def test_zwatch_events_stand_alone(sample):
    (event,) = zwatch.parse({}, sample("zwatch-event"))

    assert event.labels["HostUuid"] == "11112222333344445555666677778888"
    assert event.labels["Attempt"] == "3"
    assert (event.at, event.ends) == (None, False)
    assert event.text == "the agent does not answer\nhost-01"
    assert event.origin["subscription_uuid"] == "aaaabbbbccccddddeeeeffff00001111"


def test_zwatch_sections_are_read_one_by_one(sample):
    alarm, event = zwatch.parse({}, sample("zwatch-sections"))

    assert alarm.status == "firing"
    assert alarm.labels["HostUuid"] == "11112222333344445555666677778888"
    assert alarm.labels["CPUNum NotEqual"] == "0"
    assert (event.title, event.annotations) == (
        "VmStateChanged",
        {"zstack_resource": VM},
    )


def test_the_string_of_a_connection_test_is_no_alert(sample):
    assert zwatch.parse({}, sample("zwatch-test")) == ()


@pytest.mark.parametrize("labels", [f"VMUuid Equal {VM}", f"VMUuid={VM}"])
def test_zwatch_labels_may_be_one_text_with_spaces_or_signs(labels):
    body = json.dumps({"ALARM_UUID": "u", "ALARM_LABELS": labels}).encode()

    (alarm,) = zwatch.parse({}, body)

    assert alarm.labels == {"VMUuid": VM}


def test_what_repeats_without_a_name_of_its_own_counts_each_time():
    body = b'{"ALARM_UUID": "u", "ALARM_CURRENT_STATUS": "Alarm", "ALARM_METRIC": "m"}'

    (once,), (again,) = zwatch.parse({}, body), zwatch.parse({}, body)

    assert once.own_key == again.own_key
    assert once.key != again.key


@pytest.mark.parametrize("name", ["zwatch-alarm", "zwatch-sections"])
def test_a_body_cut_off_by_its_length_header_still_rings(sample, name):
    """ZStack counts characters where HTTP wants bytes."""
    body = sample(name)
    whole = zwatch.parse({}, body)

    for cut in (2, 6, 40):
        told = zwatch.parse({}, body[:-cut])

        assert told[0].own_key == whole[0].own_key
        assert told[0].status == "firing"
        assert "without its end" in told[0].text


def test_a_pagerduty_incident_is_known_by_its_delivery(sample):
    body = sample("pagerduty")
    (told,) = pagerduty.parse({"x-webhook-id": "d1"}, body)
    (again,) = pagerduty.parse({"x-webhook-id": "d1"}, body)
    (other,) = pagerduty.parse({"x-webhook-id": "d2"}, body)
    (bare,) = pagerduty.parse({}, body)

    assert told.key == again.key
    assert len({told.key, other.key, bare.key}) == 3
    assert told.own_key == other.own_key == bare.own_key
    assert (told.title, told.severity) == ("web-01 does not answer", "P1")
    assert told.labels["service"] == "Web"
    assert told.at == pytest.approx(HALF_PAST, abs=1)


@pytest.mark.parametrize(
    ("status", "means", "said"),
    [
        ("acknowledged", "firing", "Acknowledged in PagerDuty."),
        ("resolved", "resolved", ""),
        ("", "firing", ""),
    ],
)
def test_a_pagerduty_incident_ends_when_it_is_resolved(sample, status, means, said):
    told = json.loads(sample("pagerduty"))
    told["event"]["data"] |= {
        "status": status,
        "service": None,
        "priority": None,
        "html_url": None,
    }

    (incident,) = pagerduty.parse({}, json.dumps(told).encode())

    assert (incident.status, incident.severity) == (means, "high")
    assert (incident.text, incident.links) == (said, {})


def test_what_is_no_incident_is_no_alert(sample):
    assert pagerduty.parse({}, sample("pagerduty-ping")) == ()


def test_a_program_needs_no_more_than_a_title():
    (told,) = generic.parse({}, b'{"title": "Backup failed", "text": null}')

    assert (told.title, told.status, told.severity) == ("Backup failed", "firing", "")
    assert told.at is None


def test_half_a_character_is_replaced():
    (told,) = generic.parse({}, b'{"title": "a \\ud800", "key": "\\udfff"}')

    assert told.title == "a \ufffd"
    assert told.model_dump_json()


def test_a_program_may_say_it_all(sample):
    (told,) = generic.parse({}, sample("generic"))

    assert told.labels == {"team": "storage", "runs": "3", "ticket": ""}
    assert told.annotations["zstack_resource"] == "db-01"
    assert (told.actions, told.group) == (("vm.reboot",), "backup db-01")
    assert told.links == {"Log": "https://backup.example/jobs/7"}


def test_a_program_that_gives_an_id_is_heard_once():
    def key(text):
        return generic.parse({}, text)[0].key

    once = b'{"title": "a", "id": "7"}'
    assert key(once) == key(once)
    assert key(once) != key(b'{"title": "a", "id": "8"}')
    assert key(b'{"title": "a"}') != key(b'{"title": "a"}')


def test_a_cloud_event_is_the_same_in_both_modes(sample):
    whole = json.loads(sample("cloudevent"))
    data = json.dumps(whole.pop("data")).encode()
    binary = {f"ce-{name}": value for name, value in whole.items()}
    structured = {"content-type": "application/cloudevents+json; charset=utf-8"}

    (one,) = generic.parse(structured, sample("cloudevent"))
    (other,) = generic.parse(binary, data)

    assert one == other
    assert (one.key, one.at) == (other.key, HALF_PAST)
    assert one.annotations["zstack_resource"] == "db-01"


def test_a_cloud_event_without_our_words_is_told_by_its_type(sample):
    whole = json.loads(sample("cloudevent")) | {"data": "eight bytes"}
    del whole["subject"]

    (told,) = generic.parse(
        {"content-type": "application/cloudevents+json"}, json.dumps(whole).encode()
    )

    assert told.title == "com.example.backup.failed"


@pytest.mark.parametrize("body", [b"7", b'{"specversion": "0.3"}'])
def test_what_is_no_cloud_event_says_so(body):
    with pytest.raises(Unreadable, match="CloudEvent"):
        generic.parse({"content-type": "application/cloudevents+json"}, body)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-01-05T09:30:00Z", HALF_PAST),
        ("2026-01-05T09:30:00", HALF_PAST),
        ("1767605400000", HALF_PAST),
        ("1767605400", HALF_PAST),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59-23:59", None),
        ("1e999", None),
        ("1e300", None),
        ("nan", None),
        ("-1", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_moments_are_read_in_every_form(text, seconds):
    assert moment(text) == seconds


_json = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
    max_leaves=8,
)
_names = some.sampled_from(
    [
        "version",
        "groupKey",
        "truncatedAlerts",
        "groupLabels",
        "alerts",
        "status",
        "labels",
        "annotations",
        "startsAt",
        "endsAt",
        "fingerprint",
        "generatorURL",
        "ALARM_UUID",
        "ALARM_NAME",
        "ALARM_LABELS",
        "ALARM_CURRENT_STATUS",
        "ALARM_TIME",
        "EVENT_NAME",
        "EVENT_LABELS",
        "sections",
        "facts",
        "name",
        "value",
        "event",
        "data",
        "id",
        "type",
        "html_url",
        "title",
        "service",
        "specversion",
        "source",
        "time",
        "links",
        "actions",
    ]
)
_values = some.recursive(
    _json | some.sampled_from(["4", "1", "1.0", "firing", "resolved", "incident"]),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(_names, inner),
    max_leaves=20,
)
_headers = some.dictionaries(
    some.sampled_from(["content-type", "ce-specversion", "ce-id", "x-webhook-id"]),
    some.sampled_from(["application/cloudevents+json", "1.0", "x"]),
)


def _alerts_or_a_sentence(source, headers, body):
    try:
        told = source.parse(headers, body)
    except Unreadable as fault:
        return str(fault)
    assert all(isinstance(it, Alert) for it in told)
    for it in told:
        it.model_dump_json()
    return "Alerts."


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
@given(value=_values, headers=_headers)
@settings(max_examples=150, deadline=None)
def test_any_json_is_alerts_or_one_sentence(source, value, headers):
    said = _alerts_or_a_sentence(source, headers, json.dumps(value).encode())

    assert said.endswith(".")
    assert "\n" not in said


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
@given(data=some.data())
@settings(max_examples=100, deadline=None)
def test_a_spoiled_sample_is_alerts_or_one_sentence(source, data):
    names = sorted(SAMPLES.glob("*.json"))
    body = bytearray(data.draw(some.sampled_from(names)).read_bytes())
    start = data.draw(some.integers(0, len(body)))
    end = data.draw(some.integers(start, min(start + 40, len(body))))
    body[start:end] = data.draw(some.binary(max_size=20))

    said = _alerts_or_a_sentence(source, {}, bytes(body))

    assert said.endswith(".")
    assert "\n" not in said


def test_what_is_just_not_too_deep_is_read_or_refused():
    start, end = b'{"title":"x","labels":{"a":', b"}}"
    for depth in range(1_000):
        with contextlib.suppress(Unreadable):
            generic.parse({}, start + b"[" * depth + b"]" * depth + end)
