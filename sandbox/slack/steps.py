"""functions.*: a workflow step says how it ended, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.slack.errors import Refusal
from sandbox.slack.methods import method
from sandbox.slack.state import Completion

if TYPE_CHECKING:
    from sandbox.slack.arguments import Arguments
    from sandbox.slack.state import State

_KINDS: dict[str, Any] = {
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "object": dict,
    "array": list,
    "slack#/types/options_select": list,
}


@method("functions.completeSuccess")
def succeed(state: State, arguments: Arguments) -> dict[str, Any]:
    """End a step with its outputs."""
    execution = _running(state, arguments)
    outputs = arguments.nested("outputs")
    if not isinstance(outputs, dict):
        raise Refusal(because="invalid_arguments")
    if faults := complaints(state.executions[execution].declared, outputs):
        raise Refusal(
            because="parameter_validation_failed",
            response_metadata={"messages": faults},
        )
    return _end(state, Completion(execution, outputs=outputs))


@method("functions.completeError")
def fail(state: State, arguments: Arguments) -> dict[str, Any]:
    """End a step with a sentence."""
    execution, error = _running(state, arguments), arguments.needed("error")
    return _end(state, Completion(execution, error=error))


def _running(state: State, arguments: Arguments) -> str:
    execution = arguments.needed("function_execution_id")
    if execution not in state.executions:
        raise Refusal(because="function_execution_not_found")
    if arguments.token not in {state.bot_token, state.executions[execution].token}:
        raise Refusal(because="access_denied")
    if state.completion(execution):
        raise Refusal(because="execution_not_in_running_state")
    return execution


def _end(state: State, completion: Completion) -> dict[str, Any]:
    state.completions.append(completion)
    state.completed.tell(completion)
    return {}


def complaints(declared: dict[str, Any], given: dict[str, Any]) -> list[str]:
    """What is wrong with parameters by their declaration; nothing is without one."""
    known = declared.get("properties")
    if known is None:
        return []
    needed = declared.get("required", [])
    faults = [f"missing: {name}" for name in needed if name not in given]
    faults += [f"unknown: {name}" for name in given if name not in known]
    kinds = {name: known[name]["type"] for name in given if name in known}
    return faults + [
        f"{name} is no {kind}"
        for name, kind in kinds.items()
        if not isinstance(given[name], _KINDS.get(kind, str))
    ]
