"""Telling people in Slack: one message edited in place, or privately, or directly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog

from desk.errors import Undeliverable
from desk.notice import Slot
from handlers.blocks import render
from handlers.slack.asking import SECONDS, NoAnswer, SlackSaid, ask

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
# A workspace may not know a newer block yet, or counts sizes in a way of its own.
_UNSHOWABLE = {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"}
_QUIET = {"unfurl_links": False, "unfurl_media": False, "link_names": False}


class SlackDeliver:
    """Delivers notices to Places of kind `slack`."""

    def __init__(
        self,
        client: AsyncWebClient,
        responder: Responder | None,
        *,
        seconds: float = SECONDS,
    ) -> None:
        self._client = client
        self._responder = responder
        self._seconds = seconds

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
            case Slot.DIRECT:  # pragma: no branch  # there is no other slot
                return await self._direct(place, message)

    async def _answer(
        self, place: Place, message: Message, receipt: Receipt | None
    ) -> Receipt:
        if receipt:
            try:
                await self._call("chat.update", message, **receipt)
            except SlackSaid as said:
                if said.word not in _LOST | _CLOSED:
                    raise _later(said) from None
            else:
                return receipt
            return await self._direct(place, message)
        try:
            return await self._post(message, channel=place["channel"])
        except SlackSaid as said:
            if said.word not in _CLOSED:
                raise _later(said) from None
        found = await self._direct(place, message)
        await self._point(place)
        return found

    async def _thread(self, place: Place, message: Message, anchor: Receipt) -> Receipt:
        try:
            return await self._post(
                message, channel=anchor["channel"], thread_ts=anchor["ts"]
            )
        except SlackSaid as said:
            if said.word not in _CLOSED | _LOST | {"thread_not_found"}:
                raise _later(said) from None
        return await self._direct(place, message)

    async def _private(self, place: Place, message: Message) -> Receipt:
        body = _body(message) | {
            "response_type": "ephemeral",
            "replace_original": bool(place.get("replace")),
        }
        if await self._respond(place, body):
            return {}
        try:
            await self._call(
                "chat.postEphemeral",
                message,
                channel=place["channel"],
                user=place["user"],
            )
        except SlackSaid as said:
            if said.word not in _CLOSED:
                raise _later(said) from None
            return await self._direct(place, message)
        return {}

    async def _direct(self, place: Place, message: Message) -> Receipt:
        try:
            opened = await self._call("conversations.open", None, users=place["user"])
            return await self._post(message, channel=opened["channel"]["id"])
        except SlackSaid as said:
            raise _later(said) from None

    async def _point(self, place: Place) -> None:
        """Say privately where the answer is; it is there even if this gets lost."""
        text = "I cannot post here, so the answer is in our direct messages."
        try:
            await self._respond(place, {"text": text})
        except Undeliverable as error:
            log.warning("pointer_lost", reason=str(error))

    async def _respond(self, place: Place, body: dict[str, Any]) -> bool:
        """Answer by response_url; False when there is none that takes an answer."""
        url = place.get("response_url", "")
        return bool(
            self._responder
            and self._responder.may_use(url, place.get("at", 0))
            and await self._responder.respond(url, body)
        )

    async def _post(self, message: Message, **where: Any) -> Receipt:
        posted = await self._call("chat.postMessage", message, **_QUIET, **where)
        return {"channel": posted["channel"], "ts": posted["ts"]}

    async def _call(self, method: str, message: Message | None, **values: Any) -> Any:
        said = _body(message) if message else {}
        try:
            return await self._ask(method, said | values)
        except SlackSaid as error:
            if error.word not in _UNSHOWABLE:
                raise
            reason = error.word
        log.error("blocks_refused", method=method, reason=reason)
        # The text always works. Left out, the blocks of an edited message would stay.
        return await self._ask(method, said | values | {"blocks": []})

    async def _ask(self, method: str, values: dict[str, Any]) -> Any:
        try:
            return await ask(self._client, method, seconds=self._seconds, json=values)
        except NoAnswer as error:
            raise Undeliverable(str(error), retry_after=1) from None


def _body(message: Message) -> dict[str, Any]:
    body: dict[str, Any] = {"text": message.text, "blocks": list(message.blocks)}
    return body | ({"metadata": message.metadata} if message.metadata else {})


def _later(said: SlackSaid) -> Undeliverable:
    """How long to wait: what Slack says, or a moment, or a minute for an operator."""
    if said.is_limited:
        seconds = float(said.wait) if said.wait.isdecimal() else 30.0
        return Undeliverable("rate limited", retry_after=seconds)
    return Undeliverable(str(said), retry_after=1.0 if said.is_passing else 60.0)
