"""The webhook that Alertmanager made and Grafana took over: a group, and its alerts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pydantic import ConfigDict, Field
from pydantic.alias_generators import to_camel

from desk.alerts.alert import Alert, Status
from handlers.alerts.reading import (
    Count,
    Payload,
    Texts,
    Unreadable,
    Written,
    as_text,
    load,
    moment,
    read,
)

if TYPE_CHECKING:
    from collections.abc import Callable


class _Camel(Payload):
    model_config = ConfigDict(alias_generator=to_camel)


class Item(_Camel):
    """One alert; what Grafana alone sends is empty with Alertmanager."""

    status: Status
    labels: Texts = Field(default_factory=dict)
    annotations: Texts = Field(default_factory=dict)
    starts_at: Written = ""
    ends_at: Written = ""
    fingerprint: Written = ""
    generator_url: Written = Field("", alias="generatorURL")
    silence_url: Written = Field("", alias="silenceURL")
    dashboard_url: Written = Field("", alias="dashboardURL")
    panel_url: Written = Field("", alias="panelURL")
    value_string: Written = ""


class Group(_Camel):
    """A delivery: all of it is about one group."""

    group_key: Written = ""
    truncated_alerts: Count = 0
    group_labels: Texts = Field(default_factory=dict)
    alerts: tuple[Item, ...]


def read_group(body: bytes, *, version: str, sender: str) -> Group:
    """Read a delivery of `sender`; raises Unreadable, also for a payload of its own."""
    found = load(body)
    given = as_text(found.get("version")) if isinstance(found, dict) else ""
    if given != version:
        message = (
            f"This is not {sender}'s own payload: `version` is not “{version}”. "
            "A custom payload cannot be read; use the standard one."
        )
        raise Unreadable(message)
    group = read(Group, found, sender)
    if not group.group_key:
        message = f"This is not what {sender} sends: groupKey is missing."
        raise Unreadable(message)
    return group


def alerts_of(
    group: Group, source: str, links: Callable[[Item], dict[str, str]]
) -> tuple[Alert, ...]:
    """Make Alerts of a group; an alert is one by its fingerprint and start."""
    return tuple(_alert(group, item, source, links(item)) for item in group.alerts)


def _alert(group: Group, item: Item, source: str, links: dict[str, str]) -> Alert:
    fingerprint = item.fingerprint or json.dumps(sorted(item.labels.items()))
    cause = (group.group_key, fingerprint, item.status, item.starts_at)
    ended = item.status == Status.RESOLVED and item.ends_at
    notes, labels = item.annotations, item.labels
    return Alert(
        source=source,
        group=group.group_key,
        fingerprint=fingerprint,
        cause=json.dumps(cause),
        status=item.status,
        at=moment(item.ends_at if ended else item.starts_at),
        heading=_heading(group),
        title=labels.get("alertname") or notes.get("summary", ""),
        text=_text(item),
        severity=labels.get("severity", ""),
        labels=labels,
        annotations=notes,
        links={label: url for label, url in links.items() if url},
        more=group.truncated_alerts,
    )


def _heading(group: Group) -> str:
    labels = group.group_labels
    return labels.get("alertname") or ", ".join(it for it in labels.values() if it)


def _text(item: Item) -> str:
    told = [item.annotations.get(it) for it in ("summary", "description", "message")]
    lines = dict.fromkeys(it for it in (*told, item.value_string) if it)
    return "\n".join(lines)
