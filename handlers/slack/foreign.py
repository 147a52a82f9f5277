"""Buttons of other programs' messages, as Alertmanager posts them: requests, no permission.

They are attachments with actions, whose clicks come to the app that posted them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from desk import keys
from desk.errors import UserError
from desk.request import Request
from handlers.slack.actions import person_of, place_of
from handlers.slack.private import private
from handlers.values import parse_value

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp

    from desk.desk import Desk


_DOUBT = "Another program's message asks for this."


def register(app: AsyncApp, desk: Desk) -> None:
    """Listen to every button of an attachment."""

    @app.attachment_action(re.compile(".*"))
    async def pressed(ack: AsyncAck, body: dict[str, Any]) -> None:
        try:
            request = translate(body)
        except UserError as error:
            # Without this the answer would take the place of the alert.
            await ack(private(str(error)) | {"replace_original": False})
            return
        await desk.ledger.accept(request)
        await ack()


def translate(body: dict[str, Any]) -> Request:
    """Turn a click into a request that is always asked about; raises UserError."""
    action = body["actions"][0]
    chosen = (action.get("selected_options") or [action])[0]
    value = str(chosen.get("value", ""))
    words = parse_value(value)
    person, place = person_of(body), place_of(body)
    message = f"{place['channel']} {body.get('message_ts', '')}"
    return Request(
        key=keys.foreign_click(message, value, person, str(body.get("action_ts", ""))),
        operation=words.operation,
        arguments=words.arguments,
        words=value,
        person=person,
        place=place | {"message_ts": body.get("message_ts", ""), "below": True},
        doubt=_DOUBT,
        cloud=words.cloud,
    )
