"""What the stand-in writes into a WebSocket: hello, envelopes, the announced end."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from sandbox.slack.workspace import APP_ID

if TYPE_CHECKING:
    from sandbox.slack.sender import Delivery

_HOST = {"host": "applink-1"}
_SECONDS = 18_060  # that Slack says a connection will last


def hello(connections: int) -> dict[str, Any]:
    """Write the first frame of a connection."""
    return {
        "type": "hello",
        "num_connections": connections,
        "debug_info": _HOST
        | {"build_number": 10, "approximate_connection_time": _SECONDS},
        "connection_info": {"app_id": APP_ID},
    }


def disconnect(reason: str) -> dict[str, Any]:
    """Write that a connection will end, and why."""
    return {"type": "disconnect", "reason": reason, "debug_info": _HOST}


def envelope(delivery: Delivery) -> dict[str, Any]:
    """Put what would be posted into an envelope; the signature has no place in it."""
    kind, payload = _payload(delivery)
    written = {
        "envelope_id": str(uuid.uuid4()),
        "type": kind,
        "accepts_response_payload": kind != "events_api",
        "payload": payload,
    }
    if kind != "events_api":
        return written
    return written | {
        "retry_attempt": int(delivery.headers.get("X-Slack-Retry-Num", "0")),
        "retry_reason": delivery.headers.get("X-Slack-Retry-Reason", ""),
    }


def _payload(delivery: Delivery) -> tuple[str, dict[str, Any]]:
    if delivery.headers["Content-Type"] == "application/json":
        return "events_api", json.loads(delivery.body)
    fields = dict(parse_qsl(delivery.body.decode(), keep_blank_values=True))
    if "payload" in fields:
        return "interactive", json.loads(fields["payload"])
    return "slash_commands", fields
