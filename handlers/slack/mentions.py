"""Mentions of the bot: the same words as behind /zstack, from a message anybody can read."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

import structlog
from pydantic import BaseModel, ValidationError

from desk import keys
from desk.errors import UserError
from desk.person import Person, Place
from desk.request import Request
from handlers.grammar import Help, parse
from handlers.slack.shape import Id  # pydantic reads it

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp

    from desk.desk import Desk
    from handlers.slack.apologies import Apologies

log = structlog.get_logger()

_NAMED = re.compile(r"^\s*<@[A-Z0-9]+(?:\|[^>]*)?>[\s:,]*(?:/zstack\b)?")


class _Event(BaseModel):
    user: Id
    text: str
    channel: Id
    ts: Id
    thread_ts: Id | None = None
    team: Id | None = None
    user_team: Id | None = None
    bot_id: str | None = None


class _Delivery(BaseModel):
    enterprise_id: Id | None = None
    team_id: Id
    event: _Event


def register(app: AsyncApp, desk: Desk, apologies: Apologies) -> None:
    """Listen to every message that names the bot."""

    @app.event("app_mention")
    async def mentioned(ack: AsyncAck, body: dict[str, Any]) -> None:
        delivery = _read(body)
        if delivery and not delivery.event.bot_id:
            await _take(desk, apologies, delivery)
        await ack()


async def _take(desk: Desk, apologies: Apologies, delivery: _Delivery) -> None:
    place = place_of(delivery.event)
    try:
        request = translate(delivery)
        if isinstance(request, Help):
            apologies.tell(place, request.text)
            return
        await desk.ledger.accept(request)
    except UserError as error:
        apologies.tell(place, str(error))


def _read(body: dict[str, Any]) -> _Delivery | None:
    try:
        return _Delivery.model_validate(body)
    except ValidationError:
        log.warning("delivery_not_understood", type="app_mention")
        return None


def translate(delivery: _Delivery) -> Request | Help:
    """Turn a mention into a request; raises UserError."""
    event = delivery.event
    text = spoken(event.text)
    words = parse(text)
    if isinstance(words, Help):
        return words
    person = Person(
        enterprise=delivery.enterprise_id or "",
        # Where several workspaces share a channel, the author's own (platform.md §7).
        team=event.user_team or event.team or delivery.team_id,
        user=event.user,
    )
    return Request(
        # Not by the event: the same message may come as two of them.
        key=keys.mention(event.channel, event.ts),
        operation=words.operation,
        arguments=words.arguments,
        reason=words.reason,
        breaks_glass=words.breaks_glass,
        cloud=words.cloud,
        words=f"/zstack {text}",
        person=person,
        place=place_of(event),
    )


def spoken(text: str) -> str:
    """What is said to the bot: what stands behind its name, as it was typed."""
    return html.unescape(_NAMED.sub("", text, count=1)).strip()


def place_of(event: _Event) -> Place:
    """Where a mention wants its answer: in its channel or thread, or privately beside it."""
    place: Place = {"kind": "slack", "channel": event.channel, "user": event.user}
    if event.thread_ts:
        return place | {"message_ts": event.thread_ts, "below": True}
    return place
