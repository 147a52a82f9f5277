"""The card of a group: what its one message says, in the desk's words. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from desk.notice import Notice, Slot, Stand

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desk.alerts.alert import Alert
    from desk.alerts.group import Extras, Group
    from desk.alerts.standing import Standing
    from desk.notice import Choice

FEW = 3  # alerts that are told in words; more come as rows
SHOWN = 25  # rows at most: Slack takes no longer message
_CELL = 120
_TEXT = 1_000  # characters of what one alert says
_LINKS = 5
_HEADING = ("State", "Severity", "Alert", "What", "Since (UTC)")


def card(
    group: Group,
    stands: Sequence[Standing],
    alerts: Sequence[Alert],
    extras: Extras,
    own: tuple[Choice, ...],
) -> Notice:
    """Write the card; `alerts` are the first of those that `stands` counts."""
    few = len(stands) <= FEW
    lines = [_line(*one, is_alone=len(stands) == 1) for one in _pairs(alerts, stands)]
    return Notice(
        slot=Slot.ANSWER,
        command_id=group.id,
        stand=_stand(stands, alerts),
        title=_title(stands, alerts[0]),
        lines=(*(lines if few else ()), *_left_out(group, stands), *extras.lines),
        table=() if few else (_HEADING, *map(_row, alerts, stands)),
        holder=group.person,
        links=tuple(alerts[0].links.items())[:_LINKS],
        choices=(*own, *extras.choices),
    )


def _pairs(
    alerts: Sequence[Alert], stands: Sequence[Standing]
) -> list[tuple[Alert, Standing]]:
    return list(zip(alerts, stands, strict=False))


def _stand(stands: Sequence[Standing], alerts: Sequence[Alert]) -> Stand:
    if not any(it.ends for it in alerts):
        return Stand.HAPPENED
    firing = sum(it.is_firing for it in stands)
    if not firing:
        return Stand.RESOLVED
    return Stand.FIRING if firing == len(stands) else Stand.PART_RESOLVED


def _title(stands: Sequence[Standing], first: Alert) -> str:
    if len(stands) == 1:
        return f"{'' if stands[0].is_firing else 'Resolved: '}{first.title}"
    name = first.heading or first.title
    firing = sum(it.is_firing for it in stands)
    if not firing:
        return f"All {len(stands)} resolved: {name}"
    if firing == len(stands):
        return f"{firing} firing: {name}"
    return f"{firing} firing, {len(stands) - firing} resolved: {name}"


def _line(alert: Alert, stand: Standing, *, is_alone: bool) -> str:
    facts = (alert.severity, alert.source, _since(alert, stand), *_again(stand))
    # The title of the card says the name already, of one alert or of all.
    name = "" if is_alone or alert.heading == alert.title else alert.title
    parts = (name, _cut(alert.text), " · ".join(it for it in facts if it))
    return "\n".join(it for it in parts if it)


def _cut(text: str) -> str:
    return text if len(text) <= _TEXT else f"{text[:_TEXT]}…"


def _since(alert: Alert, stand: Standing) -> str:
    word = ("since" if alert.ends else "at") if stand.is_firing else "resolved"
    return f"{word} {_moment(stand.since)} UTC"


def _again(stand: Standing) -> tuple[str, ...]:
    return (f"began {stand.times} times",) if stand.times > 1 else ()


def _row(alert: Alert, stand: Standing) -> tuple[str, ...]:
    text = alert.text.partition("\n")[0]
    cells = (
        str(stand.status),
        alert.severity,
        alert.title,
        text if text != alert.title else "",
        _moment(stand.since),
    )
    return tuple(cell[:_CELL] for cell in cells)


def _left_out(group: Group, stands: Sequence[Standing]) -> tuple[str, ...]:
    said = []
    if len(stands) > SHOWN:
        said.append(f"Shown are the first {SHOWN} of {len(stands)} alerts.")
    if group.more:
        alerts = "1 more alert" if group.more == 1 else f"{group.more} more alerts"
        said.append(f"{group.source} left out {alerts} of this group.")
    return tuple(said)


def _moment(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}"
