"""ZStack ZWatch, by an SNS endpoint of the kind HTTP (alerts.md §1.4, protocol.md §7)."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from desk.alerts.alert import Alert
from handlers.alerts.proof import has_basic
from handlers.alerts.reading import Unreadable, as_text, load, moment

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SOURCE = "zwatch"
_LABEL = re.compile(
    r"(\w+?)\s*(NotEqual|Equal|RegexNot|Regex|!=|=~|=)\s*(.*)", re.DOTALL
)
_EQUAL = {"Equal", "="}
_UNKNOWN = {"-", "null", "None"}
_NO_ALERT = "This is neither an alarm nor an event of ZWatch."
_TRIES = 200  # fields at the end of a body that may be cut off
_SIGNS = {
    "GreaterThan": ">",
    "GreaterThanOrEqualTo": "≥",
    "LessThan": "<",
    "LessThanOrEqualTo": "≤",
}


def is_genuine(secret: str, headers: Mapping[str, str], body: bytes) -> bool:  # noqa: ARG001  # every source's shape
    """Whether it has our user and password: ZStack signs nothing."""
    return has_basic(secret, headers)


def parse(headers: Mapping[str, str], body: bytes) -> tuple[Alert, ...]:  # noqa: ARG001  # every source's shape
    """Read a delivery; raises Unreadable. The string of a connection test is no alert."""
    found = _load(body)
    if isinstance(found, str):
        return ()
    told = tuple(it for card in _cards(found) for it in _alerts(card))
    if not told:
        raise Unreadable(_NO_ALERT)
    return told


def _load(body: bytes) -> Any:
    """Read JSON, or what a wrong Content-Length left of it.

    ZStack counts characters where HTTP wants bytes, so that a body with other letters than
    English ones comes without its end.
    """
    try:
        return load(body)
    except Unreadable:
        text = body.decode(errors="ignore")
    for end in _ends(text):
        for closed in (text[:end] + "}", text[:end] + "}]}"):
            try:
                return load(closed.encode()) | {"CUT": "yes"}
            except (Unreadable, TypeError):
                continue
    message = "The body is not JSON in UTF-8."
    raise Unreadable(message)


def _ends(text: str) -> Iterator[int]:
    yield len(text)
    end = len(text)
    for _ in range(_TRIES):
        end = text.rfind(",", 0, end)
        if end < 0:
            return
        yield end


def _cards(found: Any) -> Iterator[dict[str, Any]]:
    """The flat bodies in what was sent; `sections` is the same in a wrapper."""
    if not isinstance(found, dict):
        raise Unreadable(_NO_ALERT)
    sections = found.get("sections")
    cards = sections if isinstance(sections, list) else [found]
    for card in cards:
        if not isinstance(card, dict):
            raise Unreadable(_NO_ALERT)
        yield _flat(card) | ({"CUT": "yes"} if "CUT" in found else {})


def _flat(card: dict[str, Any]) -> dict[str, Any]:
    """The fields of a card, which may stand as `facts` of name and value."""
    facts = card.get("facts")
    pairs = (
        [it for it in facts if isinstance(it, dict)] if isinstance(facts, list) else []
    )
    named = {as_text(it.get("name")): it.get("value") for it in pairs}
    return named | {name: value for name, value in card.items() if name != "facts"}


def _alerts(card: dict[str, Any]) -> Iterator[Alert]:
    if "ALARM_UUID" in card or "ALARM_NAME" in card:
        yield Alert(source=SOURCE, **_alarm(card))
    elif "EVENT_NAME" in card:
        yield Alert(source=SOURCE, **_event(card))


def _alarm(card: dict[str, Any]) -> dict[str, Any]:
    say = _Fields(card, "ALARM_")
    labels = _labels(card.get("ALARM_LABELS")) | _about(say, "alarm", say("NAME"))
    resource = say("RESOURCE_ID")
    uuid = say("UUID") or say("NAME")
    origin = {"kind": "alarm", "alarm_uuid": say("UUID")} | _origin(say)
    return {
        "group": f"alarm {uuid}",
        "fingerprint": resource or json.dumps(sorted(labels.items())),
        "cause": _cause("alarm", say("DATA_UUID"), say("CURRENT_STATUS"), resource),
        # A body that lost its status rather rings for nothing than is silent.
        "status": "resolved" if say("CURRENT_STATUS") == "OK" else "firing",
        "at": moment(say("TIME")),
        "heading": say("NAME"),
        "title": say("NAME") or f"Alarm {uuid}",
        "text": "\n".join(it for it in (_measured(say), _where(say), _cut(card)) if it),
        "severity": say("EMERGENCY_LEVEL"),
        "labels": labels,
        "annotations": _resource(say),
        "origin": origin,
    }


def _event(card: dict[str, Any]) -> dict[str, Any]:
    say = _Fields(card, "EVENT_")
    labels = _labels(card.get("EVENT_LABELS")) | _about(say, "event", say("NAME"))
    # An event has no end, so each is told by itself.
    own = say("DATA_UUID") or json.dumps(card, sort_keys=True)
    origin = {"kind": "event", "subscription_uuid": say("SUBSCRIPTION_UUID")}
    return {
        "group": f"event {own}",
        "fingerprint": own,
        "cause": _cause("event", say("DATA_UUID"), "", ""),
        "status": "firing",
        "ends": False,
        "at": moment(say("TIME")),
        "title": say("NAME"),
        "text": "\n".join(it for it in (say("ERROR"), _where(say), _cut(card)) if it),
        "severity": say("EMERGENCY_LEVEL"),
        "labels": labels,
        "annotations": _resource(say),
        "origin": origin | _origin(say),
    }


class _Fields:
    """The fields of a card by their short names; empty where ZStack does not know."""

    def __init__(self, card: dict[str, Any], prefix: str) -> None:
        self._card, self._prefix = card, prefix

    def __call__(self, name: str) -> str:
        value = as_text(self._card.get(self._prefix + name)).strip()
        return "" if value in _UNKNOWN else value


def _labels(found: Any) -> dict[str, str]:
    """Read labels: a map, or texts of name, operator and value run together."""
    if isinstance(found, dict):
        return {as_text(name): as_text(value) for name, value in found.items()}
    texts = found if isinstance(found, list) else [found] if found else []
    matches = [it for it in map(_LABEL.fullmatch, map(as_text, texts)) if it]
    return {_label_name(it[1], it[2]): it[3] for it in matches}


def _label_name(name: str, operator: str) -> str:
    # What it is not names no resource, and must not be taken for it.
    return name if operator in _EQUAL else f"{name} {operator}"


def _about(say: _Fields, kind: str, name: str) -> dict[str, str]:
    known = {
        kind: name,
        "namespace": say("NAMESPACE"),
        "metric": say("METRIC"),
        "severity": say("EMERGENCY_LEVEL"),
        "resource_name": say("RESOURCE_NAME"),
        "resource_ip": say("RESOURCE_IP"),
        "cluster": say("RESOURCE_CLUSTER_NAME"),
    }
    return {label: value for label, value in known.items() if value}


def _resource(say: _Fields) -> dict[str, str]:
    known = {
        "zstack_resource": say("RESOURCE_ID"),
        "zstack_resource_type": say("RESOURCE_TYPE"),
        "zstack_resource_name": say("RESOURCE_NAME"),
    }
    return {name: value for name, value in known.items() if value}


def _origin(say: _Fields) -> dict[str, str]:
    known = {"data_uuid": say("DATA_UUID"), "resource_uuid": say("RESOURCE_ID")}
    return {name: value for name, value in known.items() if value}


def _cause(kind: str, data_uuid: str, status: str, resource: str) -> str:
    return json.dumps([kind, data_uuid, status, resource]) if data_uuid else ""


def _measured(say: _Fields) -> str:
    metric, value = say("METRIC"), say("CURRENT_VALUE")
    if not metric:
        return ""
    operator = say("COMPARISON_OPERATOR")
    sign, limit = _SIGNS.get(operator, operator), say("THRESHOLD")
    now = f"{metric} is {value}" if value else metric
    if say("CURRENT_STATUS") == "InsufficientData":
        now = f"ZStack has too little data on {metric} to tell"
    rule = f"alarm when {sign} {limit}" if limit else ""
    held = f"for {say('DURATION')} s" if rule and say("DURATION") else ""
    return ", ".join(
        it for it in (now, " ".join(it for it in (rule, held) if it)) if it
    )


def _where(say: _Fields) -> str:
    known = (say("RESOURCE_NAME"), say("RESOURCE_IP"), say("RESOURCE_CLUSTER_NAME"))
    return " · ".join(it for it in known if it)


def _cut(card: dict[str, Any]) -> str:
    return "ZStack sent this without its end." if "CUT" in card else ""
