"""What alerts in a file would become: which cards, where, with which buttons."""

from __future__ import annotations

import json
import time
from itertools import count
from typing import TYPE_CHECKING, Any

import typer

from desk.alerts.card import SHOWN, card
from desk.alerts.cards import TAKE
from desk.alerts.extras import CardExtras
from desk.alerts.group import Group
from desk.alerts.standing import Telling, standings
from desk.errors import UserError
from desk.notice import Choice
from handlers.alerts.reading import Unreadable
from handlers.alerts.routes import SOURCES
from handlers.blocks import render

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bot.app import Bot
    from desk.alerts.alert import Alert
    from desk.notice import Notice

_STRUCTURED = {"content-type": "application/cloudevents+json"}
_NOWHERE = "nowhere: no route fits, and ALERT_CHANNEL is empty"


async def show(bot: Bot, body: bytes, source: str) -> None:
    """Print the cards of what a source would send; raises UserError."""
    alerts = _read(body, source)
    if not alerts:
        typer.echo(
            "This is a test of the connection: it is accepted, and shown nowhere."
        )
    groups: dict[str, list[Alert]] = {}
    for alert in alerts:
        groups.setdefault(alert.group_key, []).append(alert)
    for told in groups.values():
        notice, channel = await _card(bot, told)
        typer.echo("\n".join(_lines(notice, channel)))


def _read(body: bytes, source: str) -> tuple[Alert, ...]:
    """Read a body as a source's; without one, as the first that it could be of."""
    if source and source not in SOURCES:
        message = f"“{source}” is no source. There are {', '.join(SOURCES)}."
        raise UserError(message)
    faults = {}
    headers = _STRUCTURED if b'"specversion"' in body else {}
    for name in (source,) if source else SOURCES:
        try:
            return SOURCES[name].parse(headers, body)
        except Unreadable as fault:
            faults[name] = str(fault)
    raise UserError("\n".join(f"{name}: {fault}" for name, fault in faults.items()))


async def _card(bot: Bot, told: Sequence[Alert]) -> tuple[Notice, str]:
    channel, by_number = bot.book.route(told[0]), dict(zip(count(), told, strict=False))
    tellings = [
        Telling(number, it.own_key, it.status, it.at or time.time())
        for number, it in by_number.items()
    ]
    stands = standings(tellings)
    alerts = [by_number[it.number] for it in stands[:SHOWN]]
    group = Group("a-test", told[0].source, 0, told[0].more, channel)
    extras = await CardExtras(bot.desk)(group, alerts)
    is_over = not any(it.is_firing for it in stands)
    own = () if is_over else (Choice(label=TAKE, offer="a-test"),)
    return card(group, stands, alerts, extras, own), channel


def _lines(notice: Notice, channel: str) -> Iterator[str]:
    message = render(notice)
    yield f"Channel: {channel or _NOWHERE}"
    yield "Buttons: " + (" ".join(f"[{it.label}]" for it in notice.choices) or "none")
    for label, url in notice.links:
        yield f"Link: {label} {url}"
    yield ""
    yield message.text
    yield ""
    yield json.dumps(_blocks(message.blocks), indent=2, ensure_ascii=False)


def _blocks(blocks: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """As Block Kit Builder takes them."""
    return {"blocks": list(blocks)}
