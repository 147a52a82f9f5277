"""Whether the bot may post in the channels that it was told to post in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.finding import Finding
from handlers.slack.asking import NoAnswer, SlackSaid, ask

if TYPE_CHECKING:
    from bot.app import Bot


async def look_at_alerts(bot: Bot) -> Finding:
    """Ask Slack about every channel that alerts are told in."""
    sources, routes = bot.settings.alert_secrets, bot.desk.policy().alerts.routes
    if not sources:
        said = "no source may call: none of their secrets is set"
        return Finding("alerts", is_well=True, said=said)
    default = bot.settings.alert_channel
    channels = {it for it in (default, *(route.channel for route in routes)) if it}
    closed = [it for it in sorted(channels) if await _is_closed(bot, it)]
    if closed:
        said = (
            f"told nowhere, because the bot sees no such channel: {', '.join(closed)}"
        )
        return Finding("alerts", is_well=False, said=said, hint="Invite it there.")
    if not default:
        said = "what no route of the policy fits is recorded and told nowhere"
        return Finding("alerts", is_well=False, said=said, hint="Set ALERT_CHANNEL.")
    said = (
        f"{', '.join(sorted(sources))} may call; told in {', '.join(sorted(channels))}"
    )
    return Finding("alerts", is_well=True, said=said)


async def look_at_audit(bot: Bot) -> Finding:
    """Ask Slack about the channel that the audit is copied to."""
    name, channel = "audit channel", bot.desk.policy().audit.channel
    if not channel:
        return Finding(name, is_well=True, said="none is told")
    if await _is_closed(bot, channel):
        said = f"rows wait, because the bot sees no such channel: {channel}"
        hint = "Invite it there, or mend audit: in the policy."
        return Finding(name, is_well=False, said=said, hint=hint)
    return Finding(name, is_well=True, said=f"every row is told in {channel}")


async def _is_closed(bot: Bot, channel: str) -> bool:
    """Whether Slack says that the bot cannot post there; no answer says nothing."""
    try:
        found = await ask(bot.client, "conversations.info", data={"channel": channel})
    except SlackSaid as said:
        return not said.is_passing
    except NoAnswer:
        return False
    return bool(found["channel"].get("is_archived"))
