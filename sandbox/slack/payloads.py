"""What Slack sends to the bot, field by field (platform.md §2, §6, §7)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from sandbox.slack.views import view_json
from sandbox.slack.wire import message_json
from sandbox.slack.workspace import APP_ID, BOT_USER

if TYPE_CHECKING:
    from sandbox.slack.controls import Control, Option
    from sandbox.slack.state import State, View
    from sandbox.slack.transcript import Message
    from sandbox.slack.workspace import Channel, Person


def slash_command(
    state: State, command: str, text: str, person: Person, channel: Channel
) -> dict[str, str]:
    """Write the form of a slash command."""
    return {
        "token": "sandbox-verification",
        "team_id": state.workspace.team,
        "team_domain": state.workspace.domain,
        "channel_id": channel.id,
        "channel_name": channel.name,
        "user_id": person.id,
        "user_name": person.name,
        "command": command,
        "text": text,
        "api_app_id": APP_ID,
        "is_enterprise_install": "false",
        "response_url": state.new_link(channel.id, person.id),
        "trigger_id": state.new_trigger(person.id),
    }


def click(
    state: State,
    message: Message,
    control: Control,
    person: Person,
    option: Option | None = None,
) -> dict[str, Any]:
    """Write the block_actions of a press or a choice in a message."""
    action = _action(control, option)
    written = (
        _interaction(state, "block_actions", person)
        | _place(state, message)
        | {
            "state": {"values": _values(control, option)},
            "response_url": state.new_link(message.channel, person.id, message),
            "actions": [action],
        }
    )
    if not message.seen_by:  # an ephemeral message is not told again
        written["message"] = message_json(message)
    return written


def view_click(
    state: State,
    view: View,
    control: Control,
    person: Person,
    option: Option | None = None,
) -> dict[str, Any]:
    """Write the block_actions of a press or a choice in a view."""
    return _interaction(state, "block_actions", person) | {
        "container": {"type": "view", "view_id": view.id},
        "view": view_json(state, view),
        "actions": [_action(control, option)],
    }


def suggestion(
    state: State, message: Message, control: Control, person: Person, typed: str
) -> dict[str, Any]:
    """Write the block_suggestion of someone typing into a menu."""
    written = _interaction(state, "block_suggestion", person) | _place(state, message)
    del written["trigger_id"]
    return written | {
        "action_id": control.action_id,
        "block_id": control.block_id,
        "value": typed,
        "message": message_json(message),
    }


def submission(
    state: State, view: View, person: Person, values: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """Write the view_submission of a modal; `values` is block_id → action_id → state."""
    written = view_json(state, view)
    written["state"] = {"values": values}
    return _interaction(state, "view_submission", person) | {
        "view": written,
        "response_urls": [],
    }


def event(state: State, inner: dict[str, Any]) -> dict[str, Any]:
    """Write an event_callback around an event."""
    return {
        "token": "sandbox-verification",
        "team_id": state.workspace.team,
        "context_team_id": state.workspace.team,
        "api_app_id": APP_ID,
        "event": inner,
        "type": "event_callback",
        "event_id": state.new_id("Ev"),
        "event_time": int(time.time()),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": state.workspace.team,
                "user_id": BOT_USER,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
    }


def function_executed(
    state: State, callback_id: str, inputs: dict[str, Any]
) -> dict[str, Any]:
    """Write the event that runs a workflow step; its token is good for this step alone."""
    execution = state.new_id("Fx")
    token = f"xwfp-{execution}"
    state.executions[execution] = token
    return {
        "type": "function_executed",
        "function": {
            "id": state.new_id("Fn"),
            "callback_id": callback_id,
            "title": callback_id,
            "type": "app",
            "app_id": APP_ID,
        },
        "inputs": inputs,
        "function_execution_id": execution,
        "workflow_execution_id": state.new_id("Wx"),
        "event_ts": f"{state.clock():.6f}",
        "bot_access_token": token,
    }


def _interaction(state: State, kind: str, person: Person) -> dict[str, Any]:
    return {
        "type": kind,
        "user": {
            "id": person.id,
            "username": person.name,
            "name": person.name,
            "team_id": person.team,
        },
        "api_app_id": APP_ID,
        "token": "sandbox-verification",
        "trigger_id": state.new_trigger(person.id),
        "team": {"id": state.workspace.team, "domain": state.workspace.domain},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _place(state: State, message: Message) -> dict[str, Any]:
    channel = state.workspace.channels[message.channel]
    container = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": bool(message.seen_by),
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    return {"container": container, "channel": {"id": channel.id, "name": channel.name}}


def _action(control: Control, option: Option | None) -> dict[str, Any]:
    action: dict[str, Any] = {
        "action_id": control.action_id,
        "block_id": control.block_id,
        "type": control.kind,
        "action_ts": f"{time.time():.6f}",
    }
    if option is None:
        shown = {
            key: control.element[key]
            for key in ("text", "style")
            if key in control.element
        }
        value = {"value": control.value} if control.value else {}
        return action | shown | value
    if control.kind == "checkboxes":
        return action | {"selected_options": [_option(option)]}
    return action | {"selected_option": _option(option)}


def _values(control: Control, option: Option | None) -> dict[str, Any]:
    if option is None or control.kind == "overflow":  # an overflow keeps no state
        return {}
    chosen = {"type": control.kind, "selected_option": _option(option)}
    return {control.block_id: {control.action_id: chosen}}


def _option(option: Option) -> dict[str, Any]:
    text = {"type": "plain_text", "text": option.label, "emoji": True}
    return {"text": text, "value": option.value}
