"""Looking for a message whose post Slack did not confirm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from handlers.blocks import render
from handlers.slack.asking import SlackSaid

if TYPE_CHECKING:
    from desk.deliver import Known, Receipt
    from desk.notice import Notice
    from handlers.slack.voice import Voice

# Seconds around the try: the clocks of Slack and of the database may differ, and the
# try itself took time.
_AROUND = 300.0
_PAGE = 100  # messages; one page, because a busier channel is better posted in again


class Unreadable(Exception):
    """Nobody can say whether the message stands there."""


class Finder:
    """Reads what the bot itself posted, where it may."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice
        self._bot_id = ""

    async def find(
        self, notice: Notice, known: Known, *, channel: str, thread_ts: str = ""
    ) -> Receipt | None:
        """Find what an earlier try posted; raises Unreadable or Undeliverable."""
        if not render(notice).metadata:
            raise Unreadable
        try:
            bot_id = await self._me()
            page = await self._page(known.tried_at or 0.0, channel, thread_ts)
        except SlackSaid as said:
            raise Unreadable from said
        above = known.anchor["ts"] if known.anchor else ""
        for message in page["messages"]:
            if message["ts"] != above and _is_it(message, notice, bot_id):
                return {"channel": channel, "ts": message["ts"]}
        if page.get("has_more"):
            raise Unreadable
        return None

    async def _page(self, tried_at: float, channel: str, thread_ts: str) -> Any:
        within = {
            "channel": channel,
            "oldest": f"{tried_at - _AROUND:.6f}",
            "latest": f"{tried_at + _AROUND:.6f}",
            "limit": str(_PAGE),
            "include_all_metadata": "true",
        }
        if thread_ts:
            return await self._voice.ask(
                "conversations.replies", **within, ts=thread_ts
            )
        return await self._voice.ask("conversations.history", **within)

    async def _me(self) -> str:
        if not self._bot_id:
            self._bot_id = (await self._voice.ask("auth.test"))["bot_id"]
        return self._bot_id


def _is_it(message: dict[str, Any], notice: Notice, bot_id: str) -> bool:
    # The id of a command is public: anybody's app may write it into its own messages.
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    return message.get("bot_id") == bot_id and notice.command_id in {
        payload.get("command_id"),
        payload.get("alert_id"),
        payload.get("audit_id"),
    }
