"""conversations.*: open a direct message, look at a channel and what was said in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.slack.chat import seen
from sandbox.slack.errors import Refusal
from sandbox.slack.methods import method
from sandbox.slack.wire import channel_json, message_json

if TYPE_CHECKING:
    from sandbox.slack.arguments import Arguments
    from sandbox.slack.state import State
    from sandbox.slack.transcript import Message
    from sandbox.slack.workspace import Channel


@method("conversations.open")
def open_direct(state: State, arguments: Arguments) -> dict[str, Any]:
    """Open the direct message with one person."""
    person = state.workspace.people.get(
        arguments.needed("users", "users_list_not_supplied")
    )
    if person is None:
        raise Refusal(because="user_not_found")
    if person.deleted:
        raise Refusal(because="user_disabled")
    if person.is_bot:
        raise Refusal(because="cannot_dm_bot")
    return {"channel": channel_json(state.workspace.direct(person.id))}


@method("conversations.info")
def info(state: State, arguments: Arguments) -> dict[str, Any]:
    """Describe a channel."""
    channel = seen(state, arguments.needed("channel", "channel_not_found"))
    return {"channel": channel_json(channel)}


@method("conversations.history")
def history(state: State, arguments: Arguments) -> dict[str, Any]:
    """List what was said in a channel, newest first, threads left out."""
    channel = _readable(state, arguments)
    said = [it for it in _said(state, channel) if it.thread_ts in {"", it.ts}]
    return _page(said[::-1], arguments)


@method("conversations.replies")
def replies(state: State, arguments: Arguments) -> dict[str, Any]:
    """List a thread, oldest first, its parent included."""
    channel = _readable(state, arguments)
    ts = arguments.needed("ts")
    said = [it for it in _said(state, channel) if ts in {it.ts, it.thread_ts}]
    if not said:
        raise Refusal(because="thread_not_found")
    return _page(said, arguments)


def _readable(state: State, arguments: Arguments) -> Channel:
    channel = seen(state, arguments.needed("channel", "channel_not_found"))
    if not channel.with_user and not state.workspace.reads_channels:
        scope = "groups:history" if channel.private else "channels:history"
        raise Refusal(because="missing_scope", needed=scope, provided="im:history")
    if not channel.bot_is_in:
        raise Refusal(because="not_in_channel")
    return channel


def _said(state: State, channel: Channel) -> list[Message]:
    return [
        message
        for message in state.transcript.all
        if message.channel == channel.id and not message.seen_by and not message.deleted
    ]


def _page(said: list[Message], arguments: Arguments) -> dict[str, Any]:
    oldest = arguments.text("oldest", "0")
    latest = arguments.text("latest", "9999999999")
    inclusive = arguments.flag("inclusive")
    wanted = [
        message
        for message in said
        if float(oldest) < float(message.ts) < float(latest)
        or (inclusive and message.ts in {oldest, latest})
    ]
    start = int(arguments.text("cursor", "0"))
    end = start + int(arguments.text("limit", "100"))
    metadata = arguments.flag("include_all_metadata")
    more = end < len(wanted)
    return {
        "messages": [message_json(it, metadata=metadata) for it in wanted[start:end]],
        "has_more": more,
        "response_metadata": {"next_cursor": str(end) if more else ""},
    }
