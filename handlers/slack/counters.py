"""What `/metrics` tells of Socket Mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import Counter, Gauge

if TYPE_CHECKING:
    from handlers.slack.envelopes import Envelope

CONNECTED = Gauge("slack_sockets_connected", "Socket Mode connections that are up.")
_RECONNECTS = Counter(
    "slack_socket_reconnects",
    "Socket Mode connections made in place of another, by why that one ended.",
    ["reason"],
)
_ENVELOPES = Counter(
    "slack_envelopes",
    "Envelopes that came, by type and by what became of the acknowledgement.",
    ["type", "end"],
)
_REDELIVERIES = Counter(
    "slack_redeliveries", "Envelopes that Slack sent once more.", ["type"]
)
# Slack's words are bounded here, because each is a series for ever.
_REASONS = {
    *("warning", "refresh_requested", "link_disabled", "too_many_websockets"),
    *("silent", "no_pong", "closed"),
}
_TYPES = {"slash_commands", "interactive", "events_api"}


def reconnected(reason: str) -> None:
    """Count a connection made in place of one that ended for `reason`."""
    _RECONNECTS.labels(reason if reason in _REASONS else "other").inc()


def came(envelope: Envelope) -> None:
    """Count a redelivery, when it is one."""
    if envelope.attempt:
        _REDELIVERIES.labels(_type(envelope)).inc()


def ended(envelope: Envelope, end: str) -> None:
    """Count an envelope: `acknowledged`, `left` to come again, or the word of it `lost`."""
    _ENVELOPES.labels(_type(envelope), end).inc()


def _type(envelope: Envelope) -> str:
    return envelope.kind if envelope.kind in _TYPES else "other"
