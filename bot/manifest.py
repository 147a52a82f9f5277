"""The Slack app manifest, generated from the declarations."""

from __future__ import annotations

from typing import Any

from api.operation import OPERATIONS
from handlers.grammar import usage

SCOPES = [
    "commands",
    "chat:write",
    "chat:write.public",
    "app_mentions:read",
    "im:history",
    "im:write",
    "users:read",
    "channels:read",
    "groups:read",
    "im:read",
    "mpim:read",
    "files:write",
]
# Whoever installs may leave them out; a message whose posting Slack did not confirm is
# then posted again instead of looked for. Slack wants them in both lists (slack-cli#517).
OPTIONAL = ["channels:history", "groups:history", "mpim:history"]


def manifest(public_url: str) -> dict[str, Any]:
    """Build the manifest (schema version 2) of a bot that is reached at `public_url`."""
    events = f"{public_url}/slack/events"
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "ZStack",
            "description": "Operates a ZStack private cloud: exactly once, and proven.",
            "background_color": "#1d3557",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "zstack", "always_online": True},
            "slash_commands": _commands(events),
        },
        "oauth_config": {
            "scopes": {"bot": [*SCOPES, *OPTIONAL], "bot_optional": OPTIONAL}
        },
        "settings": {
            "interactivity": {
                "is_enabled": True,
                "request_url": events,
                "message_menu_options_url": events,
            },
            "org_deploy_enabled": False,
            "socket_mode_enabled": False,
            "token_rotation_enabled": False,
        },
    }


def _commands(url: str) -> list[dict[str, Any]]:
    found = [
        {
            "command": operation.rest.shortcut,
            "url": url,
            "description": operation.summary(),
            "usage_hint": usage(operation).split(maxsplit=1)[1],
            "should_escape": False,
        }
        for operation in OPERATIONS.values()
        if operation.rest.shortcut
    ]
    everything = {
        "command": "/zstack",
        "url": url,
        "description": "Operate ZStack: log in, look, change.",
        "usage_hint": "help | vm show <vm> | vm stop <vm> | login | history | …",
        "should_escape": False,
    }
    return [*found, everything]
