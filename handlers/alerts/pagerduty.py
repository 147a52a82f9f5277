"""PagerDuty webhooks, version 3."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from desk.alerts.alert import Alert
from handlers.alerts.proof import hmac_of, is_same
from handlers.alerts.reading import Payload, Written, load, moment, read

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE = "pagerduty"
SIGNATURE = "x-pagerduty-signature"
DELIVERY = "x-webhook-id"


class _Named(Payload):
    summary: Written = ""


class _Incident(Payload):
    type: Written = ""
    id: Written = ""
    html_url: Written = ""
    title: Written = ""
    status: Written = ""
    urgency: Written = ""
    service: _Named | None = None
    priority: _Named | None = None


class _Event(Payload):
    id: Written = ""
    event_type: Written
    occurred_at: Written = ""
    data: _Incident


class _Delivery(Payload):
    event: _Event


def is_genuine(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether one of the signatures is ours: there are several while one is rotated."""
    wanted = f"v1={hmac_of(secret, body)}"
    given = headers.get(SIGNATURE, "").split(",")
    return any(is_same(one.strip(), wanted) for one in given)


def parse(headers: Mapping[str, str], body: bytes) -> tuple[Alert, ...]:
    """Read a delivery; raises Unreadable. What is not an incident is no alert."""
    event = read(_Delivery, load(body), "PagerDuty").event
    incident = event.data
    if incident.type != "incident" or not incident.id:
        return ()
    service = incident.service.summary if incident.service else ""
    priority = incident.priority.summary if incident.priority else ""
    delivery = headers.get(DELIVERY) or event.id
    labels = {
        "event_type": event.event_type,
        "service": service,
        "urgency": incident.urgency,
        "priority": priority,
    }
    facts = {
        "source": SOURCE,
        "group": incident.id,
        "fingerprint": incident.id,
        "cause": delivery and json.dumps(["delivery", delivery]),
        "status": "resolved" if incident.status == "resolved" else "firing",
        "at": moment(event.occurred_at),
        "title": incident.title or f"Incident {incident.id}",
        "text": "\n".join(it for it in (_service(service), _answered(incident)) if it),
        "severity": priority or incident.urgency,
        "labels": {name: value for name, value in labels.items() if value},
        "links": {"PagerDuty": incident.html_url} if incident.html_url else {},
        "origin": {"incident": incident.id},
    }
    return (Alert(**facts),)


def _service(name: str) -> str:
    return f"Service: {name}" if name else ""


def _answered(incident: _Incident) -> str:
    is_answered = incident.status == "acknowledged"
    return "Acknowledged in PagerDuty." if is_answered else ""
