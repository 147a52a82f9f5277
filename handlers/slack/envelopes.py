"""What comes down a Socket Mode connection, and what goes back up. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from slack_bolt import BoltResponse

_OK = 200


@dataclass(frozen=True)
class Hello:
    """The connection is made: envelopes may come."""


@dataclass(frozen=True)
class Disconnect:
    """Slack will end the connection, or refuses it, and says why in a word."""

    reason: str


@dataclass(frozen=True)
class Envelope:
    """One delivery, which is Slack's until it is acknowledged by its id."""

    id: str
    kind: str
    payload: dict[str, Any]
    takes_payload: bool = False
    attempt: int = 0
    reason: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """What the same delivery says in its headers when it is posted."""
        if not self.attempt:
            return {}
        return {
            "x-slack-retry-num": str(self.attempt),
            "x-slack-retry-reason": self.reason,
        }


def read(text: str) -> Hello | Disconnect | Envelope | None:
    """Read a frame; None when it is none that this version knows."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    kind, payload = str(said.get("type")), said.get("payload")
    if kind == "hello":
        return Hello()
    if kind == "disconnect":
        return Disconnect(str(said.get("reason") or "unknown"))
    if not said.get("envelope_id") or not isinstance(payload, dict):
        return None
    attempt = said.get("retry_attempt")
    return Envelope(
        id=str(said["envelope_id"]),
        kind=kind,
        payload=payload,
        takes_payload=said.get("accepts_response_payload") is True,
        attempt=attempt if isinstance(attempt, int) else 0,
        reason=str(said.get("retry_reason") or ""),
    )


def acknowledgement(envelope: Envelope, answer: BoltResponse) -> str | None:
    """Write the acknowledgement; None when `answer` is none, so that it comes again."""
    if answer.status != _OK:
        return None
    said: dict[str, Any] = {"envelope_id": envelope.id}
    if envelope.takes_payload and answer.body:
        is_json = (
            answer.first_headers()
            .get("content-type", "")
            .startswith("application/json")
        )
        said["payload"] = json.loads(answer.body) if is_json else {"text": answer.body}
    return json.dumps(said)
