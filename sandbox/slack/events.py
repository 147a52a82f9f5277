"""What Slack tells the bot unasked: events, and workflow steps to run (platform.md §6)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from sandbox.slack.state import Execution
from sandbox.slack.steps import complaints
from sandbox.slack.workspace import APP_ID, BOT_USER

if TYPE_CHECKING:
    from sandbox.slack.state import State
    from sandbox.slack.transcript import Message


def mention(said: Message) -> dict[str, Any]:
    """Write the event of a message that names the bot."""
    return {
        "type": "app_mention",
        "user": said.author,
        "text": said.text,
        "ts": said.ts,
        "channel": said.channel,
        "event_ts": said.ts,
    }


def callback(state: State, inner: dict[str, Any]) -> dict[str, Any]:
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
    declared = state.functions.get(callback_id, {})
    if faults := complaints(declared.get("input_parameters", {}), inputs):
        raise LookupError(", ".join(faults))
    execution = state.new_id("Fx")
    token = f"xwfp-{execution}"
    outputs = declared.get("output_parameters", {})
    state.executions[execution] = Execution(token, outputs)
    return {
        "type": "function_executed",
        "function": {
            "id": state.new_id("Fn"),
            "callback_id": callback_id,
            "title": declared.get("title", callback_id),
            "type": "app",
            "app_id": APP_ID,
        },
        "inputs": inputs,
        "function_execution_id": execution,
        "workflow_execution_id": state.new_id("Wx"),
        "event_ts": f"{state.clock():.6f}",
        "bot_access_token": token,
    }
