"""Telling people in Slack: one message edited in place, or privately, or directly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError

from desk.errors import Undeliverable
from desk.notice import Slot
from handlers.blocks import render

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from desk.notice import Notice
    from desk.outbox import Receipt
    from desk.person import Place
    from handlers.blocks import Message
    from handlers.slack.responder import Responder

log = structlog.get_logger()

# Slack will not let the bot speak there; the asker's direct messages always work.
_CLOSED = {
    "channel_not_found",
    "not_in_channel",
    "is_archived",
    "restricted_action",
    "restricted_action_read_only_channel",
    "restricted_action_thread_only_channel",
    "restricted_action_non_threadable_channel",
    "user_not_in_channel",
    "no_permission",
    "method_not_supported_for_channel_type",
}
_LOST = {"message_not_found", "cant_update_message", "edit_window_closed"}
_QUIET = {"unfurl_links": False, "unfurl_media": False, "link_names": False}


class SlackDeliver:
    """Delivers notices to Places of kind `slack`."""

    def __init__(self, client: AsyncWebClient, responder: Responder) -> None:
        self._client = client
        self._responder = responder

    async def deliver(
        self,
        place: Place,
        notice: Notice,
        *,
        receipt: Receipt | None,
        anchor: Receipt | None,
    ) -> Receipt:
        """Post or edit; raises Undeliverable."""
        message = render(notice)
        match notice.slot:
            case Slot.ANSWER:
                return await self._answer(place, message, receipt)
            case Slot.THREAD:
                return await self._thread(place, message, anchor or {})
            case Slot.PRIVATE:
                return await self._private(place, message)
            case Slot.DIRECT:
                return await self._direct(place, message)

    async def _answer(
        self, place: Place, message: Message, receipt: Receipt | None
    ) -> Receipt:
        if receipt:
            try:
                await self._call("chat.update", message, **receipt)
            except _SlackSaid as said:
                if said.error not in _LOST | _CLOSED:
                    raise said.undeliverable() from None
            else:
                return receipt
            return await self._direct(place, message)
        try:
            return await self._post(message, channel=place["channel"])
        except _SlackSaid as said:
            if said.error not in _CLOSED:
                raise said.undeliverable() from None
        found = await self._direct(place, message)
        await self._point(place)
        return found

    async def _thread(self, place: Place, message: Message, anchor: Receipt) -> Receipt:
        try:
            return await self._post(
                message, channel=anchor["channel"], thread_ts=anchor["ts"]
            )
        except _SlackSaid as said:
            if said.error not in _CLOSED | _LOST | {"thread_not_found"}:
                raise said.undeliverable() from None
        return await self._direct(place, message)

    async def _private(self, place: Place, message: Message) -> Receipt:
        url = place.get("response_url", "")
        if self._responder.may_use(url, place.get("at", 0)):
            body = _body(message) | {
                "response_type": "ephemeral",
                "replace_original": bool(place.get("replace")),
            }
            if await self._responder.respond(url, body):
                return {}
        try:
            await self._call(
                "chat.postEphemeral",
                message,
                channel=place["channel"],
                user=place["user"],
            )
        except _SlackSaid as said:
            if said.error not in _CLOSED:
                raise said.undeliverable() from None
            return await self._direct(place, message)
        return {}

    async def _direct(self, place: Place, message: Message) -> Receipt:
        try:
            opened = await self._call("conversations.open", None, users=place["user"])
            return await self._post(message, channel=opened["channel"]["id"])
        except _SlackSaid as said:
            raise said.undeliverable() from None

    async def _point(self, place: Place) -> None:
        """Say privately where the answer is; it is there even if this gets lost."""
        text = "I cannot post here, so the answer is in our direct messages."
        url = place.get("response_url", "")
        if self._responder.may_use(url, place.get("at", 0)):
            try:
                await self._responder.respond(url, {"text": text})
            except Undeliverable as error:
                log.warning("pointer_lost", reason=str(error))

    async def _post(self, message: Message, **where: Any) -> Receipt:
        posted = await self._call("chat.postMessage", message, **_QUIET, **where)
        return {"channel": posted["channel"], "ts": posted["ts"]}

    async def _call(self, method: str, message: Message | None, **values: Any) -> Any:
        said = _body(message) if message else {}
        try:
            return await self._ask(method, said | values)
        except _SlackSaid as error:
            if error.error != "invalid_blocks":
                raise
        # A workspace may not know a newer block yet; the text always works.
        log.error("blocks_refused", method=method)
        plain = {name: value for name, value in said.items() if name != "blocks"}
        return await self._ask(method, plain | values)

    async def _ask(self, method: str, values: dict[str, Any]) -> Any:
        try:
            return await self._client.api_call(method, json=values)
        except SlackApiError as error:
            raise _SlackSaid(error) from None
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Undeliverable(type(error).__name__, retry_after=1) from None


def _body(message: Message) -> dict[str, Any]:
    body: dict[str, Any] = {"text": message.text, "blocks": list(message.blocks)}
    return body | ({"metadata": message.metadata} if message.metadata else {})


class _SlackSaid(Exception):
    """Slack answered, with an error."""

    def __init__(self, error: SlackApiError) -> None:
        response = error.response
        self.status = getattr(response, "status_code", 0)
        self.headers = getattr(response, "headers", {}) or {}
        data = getattr(response, "data", response)
        self.error = str(data.get("error", "")) if isinstance(data, dict) else ""
        super().__init__(self.error or f"status {self.status}")

    def undeliverable(self) -> Undeliverable:
        """How long to wait: what Slack says, or a moment, or a minute for an operator."""
        wait = str(self.headers.get("Retry-After", ""))
        if self.status == 429 or self.error in {"ratelimited", "rate_limited"}:  # noqa: PLR2004
            return Undeliverable(
                "rate limited", retry_after=float(wait) if wait.isdigit() else 30.0
            )
        passing = self.status >= 500 or not self.error  # noqa: PLR2004
        return Undeliverable(str(self), retry_after=1.0 if passing else 60.0)
