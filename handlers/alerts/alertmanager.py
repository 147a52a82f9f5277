"""Prometheus Alertmanager, webhook version 4."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.alerts.grouped import Item, alerts_of, read_group
from handlers.alerts.proof import has_bearer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from desk.alerts.alert import Alert

SOURCE = "alertmanager"


def is_genuine(secret: str, headers: Mapping[str, str], body: bytes) -> bool:  # noqa: ARG001  # every source's shape
    """Whether it has our token: Alertmanager signs nothing."""
    return has_bearer(secret, headers)


def parse(headers: Mapping[str, str], body: bytes) -> tuple[Alert, ...]:  # noqa: ARG001  # every source's shape
    """Read a delivery; raises Unreadable."""
    group = read_group(body, version="4", sender="Alertmanager")
    return alerts_of(group, SOURCE, _links)


def _links(item: Item) -> dict[str, str]:
    runbook = item.annotations.get("runbook_url", "")
    return {"Runbook": runbook, "Prometheus": item.generator_url}
