"""Clicks: whose, on which offer; the desk decides what it means."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

from desk.offers import click
from desk.person import Person, Place

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp

    from desk.desk import Desk


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to every button and menu of the app."""

    @app.action(re.compile(r"^offer:"))
    async def offer(
        ack: AsyncAck, body: dict[str, Any], action: dict[str, Any]
    ) -> None:
        chosen = action.get("selected_option") or action
        await click(
            desk,
            chosen["value"],
            person=person_of(body),
            place=place_of(body),
            trigger=body["trigger_id"],
            text=typed_in(body),
        )
        await ack()

    # A button with a URL sends a click too, which must be acknowledged (libraries.md).
    @app.action(re.compile(r"^(?!offer:)"))
    async def other(ack: AsyncAck) -> None:
        await ack()


def typed_in(body: dict[str, Any]) -> str:
    """What was typed into the one field of the message, if it has one."""
    blocks = ((body.get("state") or {}).get("values") or {}).values()
    fields = [it for block in blocks for it in block.values()]
    typed = [it for it in fields if it.get("type") == "plain_text_input"]
    return str(typed[0].get("value") or "") if typed else ""


def person_of(body: dict[str, Any]) -> Person:
    """Who clicked: by the clicker's own team, not the installed one (platform.md §7)."""
    user = body["user"]
    enterprise = body.get("enterprise") or {}
    return Person(
        enterprise=enterprise.get("id", ""),
        team=user.get("team_id") or (body.get("team") or {}).get("id", ""),
        user=user["id"],
    )


def place_of(body: dict[str, Any]) -> Place:
    """Where a click wants its answer: beside the message that holds the button."""
    container, channel = body.get("container") or {}, body.get("channel") or {}
    return {
        "kind": "slack",
        "channel": channel.get("id") or container.get("channel_id", ""),
        "message_ts": container.get("message_ts", ""),
        "thread_ts": container.get("thread_ts", ""),
        "user": body["user"]["id"],
        "response_url": body.get("response_url", ""),
        "at": time.time(),
    }
