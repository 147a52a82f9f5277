"""Slash commands: understand the words, record, acknowledge."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from desk import keys
from desk.errors import UserError
from desk.person import Person, Place
from desk.request import Request
from handlers.grammar import Help, parse
from handlers.slack.private import private

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp

    from desk.desk import Desk


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to every slash command of the app."""

    @app.command(re.compile(r"^/"))
    async def slash(ack: AsyncAck, command: dict[str, str]) -> None:
        try:
            request = translate(command)
        except UserError as error:
            await ack(**private(str(error)))
            return
        if isinstance(request, Help):
            await ack(**private(request.text))
            return
        await desk.ledger.accept(request)
        await ack()


def translate(command: dict[str, str]) -> Request | Help:
    """Turn a slash command's payload into a request; raises UserError."""
    name, text = command["command"], command.get("text") or ""
    line = text if name == "/zstack" else f"{name.removeprefix('/')} {text}"
    words = parse(line)
    if isinstance(words, Help):
        return words
    person = Person(
        enterprise=command.get("enterprise_id") or "",  # null in an envelope
        team=command["team_id"],
        user=command["user_id"],
    )
    app_id = command.get("api_app_id", "")
    return Request(
        key=keys.slash_command(app_id, person, command["trigger_id"]),
        operation=words.operation,
        arguments=words.arguments,
        reason=words.reason,
        breaks_glass=words.breaks_glass,
        cloud=words.cloud,
        words=f"{name} {text}".strip(),
        person=person,
        place=place_of(command),
    )


def place_of(command: dict[str, str]) -> Place:
    """Where a slash command wants its answer."""
    return {
        "kind": "slack",
        "channel": command["channel_id"],
        "user": command["user_id"],
        "response_url": command.get("response_url", ""),
        "at": time.time(),
    }
