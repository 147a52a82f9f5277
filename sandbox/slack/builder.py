"""Workflow Builder's menus: names that the app offers while a workflow is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.slack.state import State

_OPTIONS, _TEXT, _VALUE = 100, 75, 150


def question(
    state: State, callback_id: str, field: str, typed: str
) -> tuple[str, dict[str, Any]]:
    """Which function offers names for an input, and what it is asked."""
    inputs = state.functions[callback_id]["input_parameters"]["properties"]
    dynamic = inputs[field].get("dynamic_options")
    if not dynamic:
        message = f"{field} of {callback_id} has no dynamic options"
        raise LookupError(message)
    asked = {
        name: typed if it["value"] == "{{client.query}}" else it["value"]
        for name, it in dynamic["inputs"].items()
    }
    return dynamic["function"].removeprefix("#/functions/"), asked


def shown(state: State, execution: str) -> list[tuple[str, str]]:
    """What the menu shows, text and value; nothing when it was not told in time."""
    completion = state.completion(execution)
    if not completion or not completion.outputs:
        return []
    found = completion.outputs["options"]
    lines = [(it["text"]["text"], it["value"]) for it in found]
    too_long = [it for it in lines if len(it[0]) > _TEXT or len(it[1]) > _VALUE]
    if len(lines) > _OPTIONS or too_long or any(not text for text, _ in lines):
        message = "Slack does not take these options"
        raise LookupError(message)
    return lines
