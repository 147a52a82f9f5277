"""The Slack app manifest, generated from the declarations."""

from __future__ import annotations

from typing import Any

from api.operation import OPERATIONS
from handlers.slack.functions import (
    CLOUD,
    OUTPUTS,
    PERSON,
    Function,
    Input,
    functions,
)
from handlers.slack.options import KINDS
from handlers.usage import usage

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
# Whoever installs may leave them out. Without the histories, a message whose posting Slack
# did not confirm is posted again instead of looked for; without the last two, nobody is
# found in user groups or in PagerDuty. Slack wants them in both lists (slack-cli#517).
OPTIONAL = [
    *("channels:history", "groups:history", "mpim:history"),
    *("usergroups:read", "users:read.email"),
]
_STEP = "function_executed"
_BY_WHOM = "The person named has to press Run."
_PERSON = {
    "type": "slack#/types/user_id",
    "title": "Person",
    "description": "who is asked to press Run, and in whose name it then runs",
}
_CLOUD = {
    "type": "string",
    "title": "Cloud",
    "description": "its name in the policy file; the first one when left out",
}


def manifest(
    public_url: str, *, steps: bool = False, options: bool = False, clouds: bool = False
) -> dict[str, Any]:
    """Build the manifest (schema version 2) of a bot that is reached at `public_url`.

    `steps` are those of Workflow Builder, which Slack gives to paid workspaces only; with
    `options` it offers names for them. Slack's schema does not know those yet. With
    `clouds` a step takes which of several clouds it is about.
    """
    made = _manifest(public_url)
    if steps or options or clouds:
        made["functions"] = {
            callback_id: _function(function)
            for callback_id, function in functions().items()
        }
        if clouds:
            for one in made["functions"].values():
                one["input_parameters"]["properties"][CLOUD] = _CLOUD
        if options:
            _offer_names(made["functions"])
        # Slack takes functions of an app that could be installed for a whole
        # organisation, and that runs elsewhere (platform.md §6).
        made["settings"] |= {
            "org_deploy_enabled": True,
            "function_runtime": "remote",
        }
        made["settings"]["event_subscriptions"]["bot_events"].append(_STEP)
    return made


def _function(function: Function) -> dict[str, Any]:
    inputs = function.inputs
    given = {name: _parameter(it) for name, it in inputs.items()}
    said = {name: _output(*it) for name, it in OUTPUTS.items()}
    return {
        "title": function.title,
        "description": f"{function.operation.summary()} {_BY_WHOM}",
        "input_parameters": {
            "properties": given | {PERSON: _PERSON},
            "required": [name for name, it in inputs.items() if it.required],
        },
        "output_parameters": {"properties": said, "required": list(OUTPUTS)},
    }


def _offer_names(made: dict[str, Any]) -> None:
    """Let Workflow Builder ask for the names of VMs and ISOs (platform.md §6)."""
    for callback_id, function in functions().items():
        given = made[callback_id]["input_parameters"]["properties"]
        for name, known in function.inputs.items():
            asks = f"{known.kind.rpartition(' ')[2]}_options"
            if asks in KINDS:
                query = {"query": {"value": "{{client.query}}"}}
                given[name]["dynamic_options"] = {
                    "function": f"#/functions/{asks}",
                    "inputs": query,
                }
    made |= {name: _names_of(kind.upper()) for name, kind in KINDS.items()}


def _names_of(title: str) -> dict[str, Any]:
    query = _output("Words", "part of the names")
    shown = {
        "type": "slack#/types/options_select",
        "title": "Options",
        "description": f"the names of {title}s that fit",
    }
    return {
        "title": f"Names of {title}s",
        "description": f"Offers the names of {title}s to the steps of this app.",
        "input_parameters": {"properties": {"query": query}, "required": []},
        "output_parameters": {
            "properties": {"options": shown},
            "required": ["options"],
        },
    }


def _parameter(known: Input) -> dict[str, Any]:
    choices = [{"value": it, "title": it.capitalize()} for it in known.choices]
    return {
        "type": known.type,
        "title": known.title,
        "description": known.description,
    } | ({"enum": list(known.choices), "choices": choices} if choices else {})


def _output(title: str, description: str) -> dict[str, Any]:
    return {"type": "string", "title": title, "description": description}


def _manifest(public_url: str) -> dict[str, Any]:
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
            "event_subscriptions": {
                "request_url": events,
                "bot_events": ["app_mention"],
            },
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


def by_socket_mode(made: dict[str, Any]) -> dict[str, Any]:
    """Turn a manifest into that of a bot that connects, and that nothing is posted to."""
    features, settings = made["features"], made["settings"]
    commands = [_unaddressed(it) for it in features["slash_commands"]]
    asked = {
        name: _unaddressed(settings[name])
        for name in ("interactivity", "event_subscriptions")
        if name in settings
    }
    return made | {
        "features": features | {"slash_commands": commands},
        "settings": settings | asked | {"socket_mode_enabled": True},
    }


def _unaddressed(part: dict[str, Any]) -> dict[str, Any]:
    return {name: it for name, it in part.items() if not name.endswith("url")}


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
