"""Any program: plain JSON, or a CloudEvent around it, structured or binary."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote

from pydantic import Field

from desk.alerts.alert import Alert
from handlers.alerts.proof import has_bearer
from handlers.alerts.reading import (
    Payload,
    Texts,
    Unreadable,
    Written,
    load,
    moment,
    read,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE = "generic"
_STRUCTURED = "application/cloudevents+json"


class _Resource(Payload):
    type: Written = ""
    uuid: Written = ""
    name: Written = ""


class _Plain(Payload):
    """What a program writes; only the title is needed."""

    title: str
    id: Written = ""
    key: Written = ""
    group: Written = ""
    status: Literal["firing", "resolved"] = "firing"
    at: Written = ""
    text: Written = ""
    severity: Written = ""
    labels: Texts = Field(default_factory=dict)
    annotations: Texts = Field(default_factory=dict)
    resource: _Resource = _Resource()
    links: Texts = Field(default_factory=dict)
    actions: tuple[Written, ...] = ()


class _Event(Payload):
    specversion: Literal["1.0"]
    id: str
    source: str
    type: str
    subject: Written = ""
    time: Written = ""


def is_genuine(secret: str, headers: Mapping[str, str], body: bytes) -> bool:  # noqa: ARG001  # every source's shape
    """Whether it has our token."""
    return has_bearer(secret, headers)


def parse(headers: Mapping[str, str], body: bytes) -> tuple[Alert, ...]:
    """Read a delivery; raises Unreadable."""
    if headers.get("content-type", "").lower().startswith(_STRUCTURED):
        return (_structured(load(body)),)
    if "ce-specversion" in headers:
        names = [name for name in headers if name.startswith("ce-")]
        attributes = {name[3:]: unquote(headers[name]) for name in names}
        return (_cloud_event(attributes, load(body)),)
    plain = read(_Plain, load(body), "a program")
    cause = json.dumps(["id", plain.id]) if plain.id else ""
    return (_alert(plain, cause=cause, at=plain.at),)


def _structured(found: Any) -> Alert:
    if not isinstance(found, dict):
        message = "This is not a CloudEvent: it is no JSON object."
        raise Unreadable(message)
    return _cloud_event(found, found.get("data"))


def _cloud_event(attributes: dict[str, Any], data: Any) -> Alert:
    event = read(_Event, attributes, "a source of CloudEvents 1.0")
    about = {"key": f"{event.source} {event.subject or event.type}"}
    written = data if isinstance(data, dict) else {}
    plain = read(_Plain, {"title": event.type} | about | written, "a program")
    cause = json.dumps(["event", event.source, event.id])
    return _alert(plain, cause=cause, at=plain.at or event.time)


def _alert(plain: _Plain, *, cause: str, at: str) -> Alert:
    resource = plain.resource
    named = resource.uuid or resource.name
    key = plain.key or json.dumps([plain.title, named])
    known = {
        "zstack_resource": named,
        "zstack_resource_type": resource.type,
        "zstack_resource_name": resource.name,
    }
    return Alert(
        source=SOURCE,
        group=plain.group or key,
        fingerprint=key,
        cause=cause,
        status=plain.status,
        at=moment(at),
        title=plain.title,
        text=plain.text,
        severity=plain.severity or plain.labels.get("severity", ""),
        labels=plain.labels,
        annotations={n: v for n, v in known.items() if v} | plain.annotations,
        links=plain.links,
        actions=plain.actions,
    )
