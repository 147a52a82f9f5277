"""Saying things in Slack in their turn, and what went wrong as one of two exceptions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog

from desk.errors import NotYet, Undeliverable
from desk.notice import Slot
from handlers.blocks import render
from handlers.slack.asking import NoAnswer, SlackSaid, ask
from handlers.slack.pace import POST

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from desk.notice import Notice
    from handlers.slack.pace import Pace

WHISPER = "chat.postEphemeral"
EDIT = "chat.update"
_SHOWS = {POST, WHISPER}  # said twice, they are seen twice
# A workspace may not know a newer block yet, or counts sizes in a way of its own.
_UNSHOWABLE = {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"}

log = structlog.get_logger()


class Voice:
    """The bot's own calls. SlackSaid is a plain refusal; all else is Undeliverable."""

    def __init__(self, client: AsyncWebClient, pace: Pace, *, seconds: float) -> None:
        self._client = client
        self._pace = pace
        self._seconds = seconds

    async def say(self, method: str, notice: Notice, **where: Any) -> Any:
        """Post or edit `notice`; raises NotYet before its turn."""
        channel = str(where["channel"])
        is_last = notice.slot is Slot.AUDIT
        self._take_turn(method, channel, notice.command_id, is_last=is_last)
        sent = body(notice) | where
        try:
            return await self._ask(method, channel, json=sent)
        except SlackSaid as said:
            if said.word not in _UNSHOWABLE:
                raise
            reason = said.word
        log.error("blocks_refused", method=method, reason=reason)
        # The text always works. Left out, the blocks of an edited message would stay.
        return await self._ask(method, channel, json=sent | {"blocks": []})

    async def ask(self, method: str, **what: str) -> Any:
        """Ask for something that nobody sees."""
        self._take_turn(method)
        return await self._ask(method, data=what)

    def _take_turn(
        self, method: str, channel: str = "", who: str = "", *, is_last: bool = False
    ) -> None:
        wait = self._pace.wait(method, channel, who, is_last=is_last)
        if wait > 0:
            raise NotYet(wait)

    async def _ask(self, method: str, channel: str = "", **sent: Any) -> Any:
        is_seen = method in _SHOWS
        try:
            return await ask(self._client, method, seconds=self._seconds, **sent)
        except NoAnswer as error:
            may_stand = is_seen and error.is_heard
            raise Undeliverable(
                str(error), retry_after=1, may_stand=may_stand
            ) from None
        except SlackSaid as said:
            if said.is_limited:
                self._pace.hold(method, channel, said.seconds)
                reason = "rate limited"
                raise Undeliverable(reason, retry_after=said.seconds) from None
            if said.is_doubtful:
                raise Undeliverable(
                    str(said), retry_after=1, may_stand=is_seen
                ) from None
            raise


def body(notice: Notice) -> dict[str, Any]:
    """Write `notice` as the arguments of a message."""
    message = render(notice)
    written: dict[str, Any] = {"text": message.text, "blocks": list(message.blocks)}
    return written | ({"metadata": message.metadata} if message.metadata else {})
