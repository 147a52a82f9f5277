"""Messages, people and channels as Slack writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.slack.workspace import APP_ID, BOT_ID, BOT_USER, HOME_TEAM

if TYPE_CHECKING:
    from sandbox.slack.transcript import Message
    from sandbox.slack.workspace import Channel, Person


def message_json(message: Message, *, metadata: bool = True) -> dict[str, Any]:
    """Write a message; histories leave the metadata out unless asked."""
    written: dict[str, Any] = {
        "type": "message",
        "user": message.author,
        "ts": message.ts,
        "text": message.text,
        "team": HOME_TEAM,
    }
    if message.author == BOT_USER:
        written |= {"bot_id": BOT_ID, "app_id": APP_ID}
    if message.blocks:
        written["blocks"] = list(message.blocks)
    if message.last.attachments:
        written["attachments"] = list(message.last.attachments)
    if message.thread_ts:
        written["thread_ts"] = message.thread_ts
    if metadata and message.metadata:
        written["metadata"] = message.metadata
    if len(message.edits) > 1:
        written["edited"] = {"user": message.author, "ts": f"{message.last.at:.6f}"}
    return written


def channel_json(channel: Channel) -> dict[str, Any]:
    """Write a conversation object."""
    if channel.with_user:
        return {
            "id": channel.id,
            "is_im": True,
            "user": channel.with_user,
            "is_archived": False,
        }
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": not channel.private,
        "is_group": channel.private,
        "is_private": channel.private,
        "is_im": False,
        "is_mpim": False,
        "is_archived": channel.archived,
        "is_general": False,
        "is_shared": channel.shared,
        "is_ext_shared": channel.shared,
        "is_org_shared": False,
        "is_member": channel.bot_is_in,
        "context_team_id": HOME_TEAM,
    }


def person_json(person: Person) -> dict[str, Any]:
    """Write a user object."""
    flags = {
        "is_admin": person.is_admin,
        "is_owner": False,
        "is_restricted": person.is_restricted,
        "is_ultra_restricted": person.is_ultra_restricted,
        "is_bot": person.is_bot,
        "is_app_user": False,
    }
    if person.is_stranger:
        flags["is_stranger"] = True
    profile = {"real_name": person.real_name, "display_name": person.name}
    if person.email:
        profile["email"] = person.email
    written = {
        "id": person.id,
        "team_id": person.team,
        "name": person.name,
        "deleted": person.deleted,
        "real_name": person.real_name,
        "tz": person.tz,
        "tz_offset": 3600,
        "profile": profile,
    }
    return written if person.deleted else written | flags
