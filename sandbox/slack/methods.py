"""The Web API methods by name; the modules that hold them register here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.slack.arguments import Arguments
from sandbox.slack.state import State

Method = Callable[[State, Arguments], dict[str, Any]]
METHODS: dict[str, Method] = {}


def method(name: str) -> Callable[[Method], Method]:
    """Answer calls of `name` with the function below."""

    def register(function: Method) -> Method:
        METHODS[name] = function
        return function

    return register
