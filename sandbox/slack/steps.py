"""functions.*: a workflow step says how it ended, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.slack.errors import Refusal
from sandbox.slack.methods import method
from sandbox.slack.state import Completion

if TYPE_CHECKING:
    from sandbox.slack.arguments import Arguments
    from sandbox.slack.state import State


@method("functions.completeSuccess")
def succeed(state: State, arguments: Arguments) -> dict[str, Any]:
    """End a step with its outputs."""
    outputs = arguments.nested("outputs")
    if not isinstance(outputs, dict):
        raise Refusal(because="invalid_arguments")
    return _end(state, Completion(_running(state, arguments), outputs=outputs))


@method("functions.completeError")
def fail(state: State, arguments: Arguments) -> dict[str, Any]:
    """End a step with a sentence."""
    error = arguments.needed("error")
    return _end(state, Completion(_running(state, arguments), error=error))


def _running(state: State, arguments: Arguments) -> str:
    execution = arguments.needed("function_execution_id")
    if execution not in state.executions:
        raise Refusal(because="invalid_function_execution_id")
    if any(it.execution_id == execution for it in state.completions):
        raise Refusal(because="function_execution_already_completed")
    return execution


def _end(state: State, completion: Completion) -> dict[str, Any]:
    state.completions.append(completion)
    return {}
