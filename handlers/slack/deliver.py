"""Telling people in Slack: one message edited in place, or privately, or directly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog

from desk.deliver import NOTHING
from desk.errors import Undeliverable
from desk.notice import Slot
from handlers.slack.asking import SECONDS, SlackSaid
from handlers.slack.completing import complete
from handlers.slack.finding import Finder, Unreadable
from handlers.slack.pace import POST, Pace
from handlers.slack.voice import EDIT, WHISPER, Voice, body

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from desk.deliver import Known, Receipt
    from desk.notice import Notice
    from desk.person import Person, Place
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
_LOST = {
    "message_not_found",
    "cant_update_message",
    "edit_window_closed",
    "thread_not_found",
}
_NOBODY = {"user_not_found", "user_not_visible", "user_disabled", "cannot_dm_bot"}
_QUIET = {"unfurl_links": False, "unfurl_media": False, "link_names": False}
_AGAIN = (
    "Posted again, because Slack did not confirm the first time. If there is another "
    "copy, it is not kept up to date."
)


def in_channel(channel: str) -> Place:
    """The place of what nobody asked for: a channel, and no person to fall back on."""
    return {"kind": "slack", "channel": channel}


def at_the_door(person: Person) -> Place:
    """The place of what is told to somebody who has not asked."""
    return {"kind": "slack", "user": person.user}


class SlackDeliver:
    """Delivers notices to Places of kind `slack`."""

    def __init__(
        self,
        client: AsyncWebClient,
        responder: Responder | None,
        *,
        seconds: float = SECONDS,
        pace: Pace | None = None,
    ) -> None:
        self._voice = Voice(client, pace or Pace(), seconds=seconds)
        self._finder = Finder(self._voice)
        self._responder = responder

    async def deliver(
        self, place: Place, notice: Notice, known: Known = NOTHING
    ) -> Receipt:
        """Post or edit; raises Undeliverable."""
        match notice.slot:
            case Slot.ANSWER | Slot.COPY | Slot.AUDIT:
                return await self._answer(place, notice, known)
            case Slot.THREAD:
                return await self._thread(place, notice, known)
            case Slot.PRIVATE:
                return await self._private(place, notice, known)
            case Slot.DIRECT:
                return await self._direct(place, notice, known)
            case Slot.STEP:  # pragma: no branch  # there is no other slot
                return await complete(self._voice, place["step"], notice)

    async def _answer(self, place: Place, notice: Notice, known: Known) -> Receipt:
        if known.receipt:
            if await self._edit(notice, known.receipt):
                return known.receipt
            if "user" in place:
                return await self._direct(place, notice, known)
        if not place["channel"]:  # a workflow's: its person is asked directly
            return await self._direct(place, notice, known)
        try:
            return await self._post(notice, known, **_where(place))
        except SlackSaid as said:
            _only(said, _CLOSED if "user" in place else set())
        found = await self._direct(place, notice, known)
        await self._point(place)
        return found

    async def _thread(self, place: Place, notice: Notice, known: Known) -> Receipt:
        if known.anchor:
            where = {
                "channel": known.anchor["channel"],
                "thread_ts": _thread_of(place) or known.anchor["ts"],
            }
            try:
                return await self._post(notice, known, **where)
            except SlackSaid as said:
                _only(said, _CLOSED | _LOST)
        return await self._direct(place, notice, known)

    async def _private(self, place: Place, notice: Notice, known: Known) -> Receipt:
        is_replaced = bool(place.get("replace"))
        is_again = known.tried_at is not None and not is_replaced
        shown = _marked(notice) if is_again else notice
        kind = {"response_type": "ephemeral", "replace_original": is_replaced}
        if await self._respond(place, body(shown) | kind):
            return {}
        if not place["channel"]:
            return await self._direct(place, notice, known)
        where = {"channel": place["channel"], "user": place["user"]}
        try:
            await self._voice.say(WHISPER, shown, **where)
        except SlackSaid as said:
            _only(said, _CLOSED)
            return await self._direct(place, notice, known)
        return {}

    async def _direct(self, place: Place, notice: Notice, known: Known) -> Receipt:
        try:
            opened = await self._voice.ask("conversations.open", users=place["user"])
            return await self._post(notice, known, channel=opened["channel"]["id"])
        except SlackSaid as said:
            if said.word in _NOBODY:  # nobody is left to be told
                raise Undeliverable(said.word) from None
            raise _refused(said) from None

    async def _point(self, place: Place) -> None:
        """Say privately where the answer is; it is there even if this gets lost."""
        text = "I cannot post here, so the answer is in our direct messages."
        try:
            await self._respond(place, {"text": text})
        except Undeliverable as error:
            log.warning("pointer_lost", reason=str(error))

    async def _respond(self, place: Place, sent: dict[str, Any]) -> bool:
        """Answer by response_url; False when there is none that takes an answer."""
        url = place.get("response_url", "")
        return bool(
            self._responder
            and self._responder.may_use(url, place.get("at", 0))
            and await self._responder.respond(url, sent)
        )

    async def _post(self, notice: Notice, known: Known, **where: Any) -> Receipt:
        """Post, unless an earlier try did so unnoticed: then edit what came of it."""
        marks = {}
        if known.tried_at is not None:
            try:
                found = await self._finder.find(notice, known, **where)
            except Unreadable:
                notice, marks = _marked(notice), {"again": True}
            else:
                if found and await self._edit(notice, found):
                    return found
        posted = await self._voice.say(POST, notice, **_QUIET, **where)
        return {"channel": posted["channel"], "ts": posted["ts"]} | marks

    async def _edit(self, notice: Notice, receipt: Receipt) -> bool:
        """Edit; False when the message is gone or its channel closed."""
        shown = _marked(notice) if receipt.get("again") else notice
        where = {"channel": receipt["channel"], "ts": receipt["ts"]}
        try:
            await self._voice.say(EDIT, shown, **where)
        except SlackSaid as said:
            _only(said, _CLOSED | _LOST)
            return False
        return True


def _where(place: Place) -> dict[str, str]:
    """The channel, and the thread below what was pressed if it shall be told there."""
    thread = _thread_of(place)
    return {"channel": place["channel"]} | ({"thread_ts": thread} if thread else {})


def _thread_of(place: Place) -> str:
    """The thread that it was pressed in, or the one below the message it was pressed on."""
    below = str(place.get("message_ts", "")) if place.get("below") else ""
    return str(place.get("thread_ts", "")) or below


def _marked(notice: Notice) -> Notice:
    """Say in `notice` that there may be another copy of it."""
    return notice.model_copy(update={"lines": (_AGAIN, *notice.lines)})


def _only(said: SlackSaid, expected: set[str]) -> None:
    """Go on after a refusal that was to be expected; raises Undeliverable."""
    if said.word not in expected:
        raise _refused(said) from None


def _refused(said: SlackSaid) -> Undeliverable:
    """Wait a minute for an operator to mend it."""
    return Undeliverable(said.word, retry_after=60)
