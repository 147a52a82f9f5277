"""What Slack sends to the bot, field by field (platform.md §2, §6, §7)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from sandbox.slack.controls import FIELDS, LEGACY, Control, Option
from sandbox.slack.state import State, View
from sandbox.slack.transcript import Message
from sandbox.slack.views import view_json
from sandbox.slack.wire import message_json
from sandbox.slack.workspace import APP_ID

if TYPE_CHECKING:
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
        "channel_name": channel.shown_name,
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
    source: Message | View,
    control: Control,
    person: Person,
    option: Option | None = None,
    *,
    typed: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Write the block_actions of a press or a choice, in a message or in a view.

    `typed` is what stands in the fields of a message, by label, block_id or action_id.
    """
    if control.kind == LEGACY and isinstance(source, Message):
        return _attachment_action(state, source, control, person)
    written = _interaction(state, "block_actions", person) | _source(state, source)
    written["actions"] = [_action(control, option)]
    if isinstance(source, Message):
        values = _filled_in(source, typed or {}, FIELDS) | _values(control, option)
        written["state"] = {"values": values}
        written["response_url"] = state.new_link(source.channel, person.id, source)
    return written


def _attachment_action(
    state: State, source: Message, control: Control, person: Person
) -> dict[str, Any]:
    """Write the interactive_message of a press in an old-style attachment.

    It knows the person by id and name alone, and the whole message comes along.
    """
    channel = state.workspace.channels[source.channel]
    numbers = [it.get("callback_id", "") for it in source.last.attachments]
    action = {"name": control.action_id, "type": "button", "value": control.value}
    return {
        "type": "interactive_message",
        "actions": [action],
        "callback_id": control.block_id,
        "team": {"id": state.workspace.team, "domain": state.workspace.domain},
        "channel": {"id": channel.id, "name": channel.shown_name},
        "user": {"id": person.id, "name": person.name},
        "action_ts": f"{time.time():.6f}",
        "message_ts": source.ts,
        "attachment_id": str(numbers.index(control.block_id) + 1),
        "token": "sandbox-verification",
        "is_app_unfurl": False,
        "original_message": message_json(source),
        "response_url": state.new_link(source.channel, person.id, source),
        "trigger_id": state.new_trigger(person.id),
        "enterprise": None,
        "is_enterprise_install": False,
    }


def suggestion(
    state: State, source: Message | View, control: Control, person: Person, typed: str
) -> dict[str, Any]:
    """Write the block_suggestion of someone typing into a menu."""
    written = _interaction(state, "block_suggestion", person) | _source(state, source)
    del written["trigger_id"]
    return written | {
        "action_id": control.action_id,
        "block_id": control.block_id,
        "value": typed,
    }


def submission(state: State, view: View, answers: dict[str, str]) -> dict[str, Any]:
    """Write the view_submission of a modal; `answers` go by label, block_id or action_id."""
    person = state.workspace.person(view.user)
    written = view_json(state, view)
    written["state"] = {"values": _filled_in(view, answers)}
    return _interaction(state, "view_submission", person) | {
        "view": written,
        "response_urls": [],
    }


def _filled_in(
    source: Message | View,
    answers: dict[str, str],
    kinds: frozenset[str] | None = None,
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for control in source.controls:
        if kinds is not None and control.kind not in kinds:
            continue
        given = [answer for name, answer in answers.items() if control.answers_to(name)]
        answer = given[0] if given else None
        values.setdefault(control.block_id, {})[control.action_id] = _field(
            control, answer
        )
    return values


def _field(control: Control, answer: str | None) -> dict[str, Any]:
    if control.kind == "plain_text_input":
        value = control.element.get("initial_value") if answer is None else answer
        return {"type": control.kind, "value": value}
    option = (
        None if answer is None else control.option(answer) or Option(answer, answer)
    )
    chosen = None if option is None else _option(option)
    if control.kind == "checkboxes":
        return {"type": control.kind, "selected_options": [chosen] if chosen else []}
    return {"type": control.kind, "selected_option": chosen}


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


def _source(state: State, source: Message | View) -> dict[str, Any]:
    if isinstance(source, View):
        view = view_json(state, source)
        return {"container": {"type": "view", "view_id": source.id}, "view": view}
    channel = state.workspace.channels[source.channel]
    container = {
        "type": "message",
        "message_ts": source.ts,
        "channel_id": source.channel,
        "is_ephemeral": bool(source.seen_by),
    }
    if source.thread_ts:
        container["thread_ts"] = source.thread_ts
    place = {"id": channel.id, "name": channel.shown_name}
    # An ephemeral message is not told again: the bot must know what it was.
    told = {} if source.seen_by else {"message": message_json(source)}
    return {"container": container, "channel": place, **told}


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
