"""chat.*: post, edit, delete, and show to one person alone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandbox.slack.errors import Refusal
from sandbox.slack.methods import method
from sandbox.slack.wire import message_json
from sandbox.slack.workspace import BOT_USER, Channel

if TYPE_CHECKING:
    from sandbox.slack.arguments import Arguments
    from sandbox.slack.state import State
    from sandbox.slack.transcript import Message


@method("chat.postMessage")
def post_message(state: State, arguments: Arguments) -> dict[str, Any]:
    """Post to a channel, a direct message, or a person's id (their direct message)."""
    channel = writable(state, arguments)
    message = state.transcript.post(
        channel.id,
        arguments.edit(state.clock()),
        author=BOT_USER,
        thread_ts=arguments.text("thread_ts"),
    )
    return _said(channel, message)


@method("chat.update")
def update(state: State, arguments: Arguments) -> dict[str, Any]:
    """Edit one of the bot's own messages; what is not given stays, metadata included."""
    channel = writable(state, arguments)
    message = _own(state, channel, arguments.needed("ts"), "cant_update_message")
    given = arguments.edit(state.clock())
    kept = (
        given
        if given.metadata is not None
        else replace(given, metadata=message.last.metadata)
    )
    state.transcript.edit(message, kept)
    return _said(channel, message) | {"text": message.text}


@method("chat.delete")
def delete(state: State, arguments: Arguments) -> dict[str, Any]:
    """Take one of the bot's own messages away."""
    channel = writable(state, arguments)
    message = _own(state, channel, arguments.needed("ts"), "cant_delete_message")
    state.transcript.delete(message)
    return {"channel": channel.id, "ts": message.ts}


@method("chat.postEphemeral")
def post_ephemeral(state: State, arguments: Arguments) -> dict[str, Any]:
    """Show a message to one member of a channel; it cannot be found or edited later."""
    channel = writable(state, arguments)
    user = arguments.needed("user")
    if user not in channel.members:
        raise Refusal(because="user_not_in_channel")
    edit = replace(arguments.edit(state.clock()), metadata=None)
    message = state.transcript.post(
        channel.id,
        edit,
        author=BOT_USER,
        thread_ts=arguments.text("thread_ts"),
        seen_by=user,
    )
    return {"message_ts": message.ts}


@method("chat.getPermalink")
def permalink(state: State, arguments: Arguments) -> dict[str, Any]:
    """Name a message for a browser."""
    channel = seen(state, arguments.needed("channel"))
    ts = arguments.needed("message_ts")
    if state.transcript.find(channel.id, ts) is None:
        raise Refusal(because="message_not_found")
    path = f"archives/{channel.id}/p{ts.replace('.', '')}"
    return {
        "channel": channel.id,
        "permalink": f"https://{state.workspace.domain}.slack.com/{path}",
    }


def seen(state: State, channel_id: str) -> Channel:
    """Find a channel that the bot may know of."""
    channel = state.workspace.channels.get(channel_id)
    if channel is None or not channel.bot_sees:
        raise Refusal(because="channel_not_found")
    return channel


def writable(state: State, arguments: Arguments) -> Channel:
    """Find a channel that the bot may post in; public ones need no membership."""
    channel_id = arguments.needed("channel", "channel_not_found")
    if channel_id in state.workspace.people:
        return state.workspace.direct(channel_id)
    channel = seen(state, channel_id)
    if not channel.bot_is_in and not state.workspace.writes_in_public:
        raise Refusal(because="not_in_channel")
    if channel.archived:
        raise Refusal(because="is_archived")
    return channel


def _own(state: State, channel: Channel, ts: str, error: str) -> Message:
    message = state.transcript.find(channel.id, ts)
    if message is None or message.seen_by:
        raise Refusal(because="message_not_found")
    if message.author != BOT_USER:
        raise Refusal(because=error)
    return message


def _said(channel: Channel, message: Message) -> dict[str, Any]:
    return {"channel": channel.id, "ts": message.ts, "message": message_json(message)}
