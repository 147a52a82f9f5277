"""Grafana Alerting, webhook version 1, signed with HMAC."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from handlers.alerts.grouped import Item, alerts_of, read_group
from handlers.alerts.proof import hmac_of, is_same

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from desk.alerts.alert import Alert

SOURCE = "grafana"
SIGNATURE = "x-grafana-alerting-signature"
TIMESTAMP = "x-grafana-alerting-timestamp"  # Grafana has no default name for it
_WINDOW = 300.0  # seconds
_DIGITS = 12  # of seconds since the epoch, fewer than


def is_genuine(
    secret: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    now: Callable[[], float] = time.time,
) -> bool:
    """Whether the body is signed; with a timestamp, also that it was just now."""
    stamp, signature = headers.get(TIMESTAMP), headers.get(SIGNATURE, "")
    if stamp is None:
        return is_same(signature, hmac_of(secret, body))
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < _DIGITS):
        return False
    if abs(now() - int(stamp)) > _WINDOW:
        return False
    return is_same(signature, hmac_of(secret, stamp.encode(), b":", body))


def parse(headers: Mapping[str, str], body: bytes) -> tuple[Alert, ...]:  # noqa: ARG001  # every source's shape
    """Read a delivery; raises Unreadable."""
    group = read_group(body, version="1", sender="Grafana")
    return alerts_of(group, SOURCE, _links)


def _links(item: Item) -> dict[str, str]:
    return {
        "Runbook": item.annotations.get("runbook_url", ""),
        "Dashboard": item.dashboard_url,
        "Panel": item.panel_url,
        "Rule": item.generator_url,
        "Silence": item.silence_url,
    }
