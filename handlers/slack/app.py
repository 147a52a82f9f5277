"""The Bolt app: who is installed, which listener gets what, what happens on our bugs."""

from __future__ import annotations

import json
import logging
import re
import secrets
from typing import TYPE_CHECKING, Any

import structlog
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError

from desk.errors import NotConfirmed, StoreUnavailable, UserError
from desk.notice import Slot
from handlers.slack import actions, commands, foreign, mentions, steps
from handlers.slack.apologies import Apologies
from handlers.slack.deliver import SlackDeliver
from handlers.slack.private import private

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from desk.desk import Desk

log = structlog.get_logger()

_NOT_RECORDED = (
    "The bot's database did not take the command, so nothing was accepted. "
    "Try again in a minute."
)
_NOT_CONFIRMED = (
    "The bot's database did not confirm the command, so it may be accepted or not. "
    "Look at /zstack history before you try again."
)


def build(desk: Desk, client: AsyncWebClient) -> AsyncApp:
    """Build the app; its listeners only translate and record."""
    quiet = logging.getLogger("slack_bolt")
    quiet.setLevel(logging.CRITICAL)  # it logs bodies, and we log what matters
    # It logs whole messages for debugging, and ours may hold a login link.
    logging.getLogger("slack_sdk").setLevel(logging.WARNING)

    async def authorize(enterprise_id: str | None, team_id: str | None) -> Any:
        # Without network: asking Slack here would stand between delivery and ack.
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token=client.token,
            bot_id="B",
            bot_user_id="U",
        )

    app = AsyncApp(
        name="zstack",  # or it looks through the whole stack for one
        authorize=authorize,
        client=client,
        process_before_response=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        ignoring_self_events_enabled=False,
        raise_error_for_unhandled_request=True,
        logger=quiet,
    )
    commands.register(app, desk)
    foreign.register(app, desk)  # before those who take whatever is an action
    actions.register(app, desk)
    steps.register(app, desk, client)
    apologies = Apologies(SlackDeliver(client, responder=None))
    mentions.register(app, desk, apologies)

    @app.event(re.compile(".*"))
    async def other(ack: Any) -> None:
        await ack()

    @app.error
    async def failed(error: Exception, body: dict[str, Any]) -> BoltResponse:
        if isinstance(error, BoltUnhandledRequestError):
            log.warning("delivery_not_understood", type=str(body.get("type")))
            return BoltResponse(status=200)
        sentence = _sentence(error)
        if "actions" in body:
            apologies.tell(actions.place_of(body), sentence)
        if "event" in body and isinstance(error, StoreUnavailable):
            return BoltResponse(status=503)  # an event comes again, a click does not
        if step := steps.step_of(body):
            apologies.tell(step, sentence, slot=Slot.STEP)
        return _answer(sentence, body)

    return app


def _sentence(error: Exception) -> str:
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, NotConfirmed):
        log.error("delivery_not_confirmed", reason=str(error))
        return _NOT_CONFIRMED
    if isinstance(error, StoreUnavailable):
        log.error("delivery_not_recorded", reason=str(error))
        return _NOT_RECORDED
    reference = secrets.token_hex(4)
    log.error("listener_failed", reference=reference, exc_info=error)
    return (
        "A fault of this bot stopped the request, and nothing was done. "
        f"Tell its operator the reference {reference}."
    )


def _answer(sentence: str, body: dict[str, Any]) -> BoltResponse:
    # Only a slash command shows what the acknowledgement says (platform.md §2).
    if "command" not in body:
        return BoltResponse(status=200)
    return BoltResponse(
        status=200,
        body=json.dumps(private(sentence)),
        headers={"content-type": "application/json"},
    )
