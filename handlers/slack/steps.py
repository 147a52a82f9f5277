"""Workflow steps: understand the inputs, record, acknowledge; their end is told later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import structlog
from pydantic import BaseModel, ValidationError

from desk import keys
from desk.errors import UserError
from desk.person import Person, Place
from desk.request import Request
from desk.steps.buttons import words_of
from desk.steps.workflow import UNCLEAR
from handlers.slack import options
from handlers.slack.functions import CLOUD, PERSON, Function, Input, functions
from handlers.slack.shape import Id  # pydantic reads it
from handlers.tokens import refuse_unreadable

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncAck, AsyncApp
    from slack_sdk.web.async_client import AsyncWebClient

    from desk.desk import Desk

    Asked = tuple[str, dict[str, Any], str]
    """Operation, arguments and words."""

log = structlog.get_logger()

_AGAIN = (
    "Install what “python -m bot manifest --steps” prints, and set the step up again."
)


class _Function(BaseModel):
    callback_id: Id


class _Event(BaseModel):
    function: _Function
    inputs: dict[str, Any] = {}
    function_execution_id: Id
    workflow_execution_id: Id | None = None


class _Delivery(BaseModel):
    enterprise_id: Id | None = None
    team_id: Id
    event: _Event


class _Named(BaseModel):
    user: Id


def register(app: AsyncApp, desk: Desk, client: AsyncWebClient) -> None:
    """Listen to every workflow step that is to run, or only to tell names."""

    @app.event("function_executed")
    async def executed(ack: AsyncAck, body: dict[str, Any]) -> None:
        delivery = _read(body)
        if not delivery:
            log.warning("delivery_not_understood", type="function_executed")
        elif kind := options.KINDS.get(delivery.event.function.callback_id):
            typed = _words(delivery.event.inputs.get("query"))
            execution = delivery.event.function_execution_id
            await options.answer(desk, client, kind, typed=typed, execution=execution)
        else:
            await desk.ledger.accept(translate(delivery))
        await ack()


def _read(body: dict[str, Any]) -> _Delivery | None:
    try:
        return _Delivery.model_validate(body)
    except ValidationError:
        return None


def translate(delivery: _Delivery) -> Request:
    """Turn a step into a request."""
    event, user = delivery.event, _person(delivery.event.inputs)
    execution = event.function_execution_id
    operation, arguments, words = _asked(event.function.callback_id, event.inputs)
    return Request(
        key=keys.workflow_step(execution),
        operation=operation,
        arguments=arguments,
        words=words,
        # Its author wrote who it is, so it proves nothing (platform.md §6).
        person=Person(
            enterprise=delivery.enterprise_id or "", team=delivery.team_id, user=user
        ),
        place=place_of(execution, user),
        workflow=event.workflow_execution_id or execution,
        cloud=_words(event.inputs.get(CLOUD)).strip(),
    )


def step_of(body: dict[str, Any]) -> Place | None:
    """Where to tell that a step was not taken; None when the body is of no step."""
    delivery = _read(body)
    return place_of(delivery.event.function_execution_id, "") if delivery else None


def place_of(execution: str, user: str) -> Place:
    """Where the end is told: to the workflow, and directly to the person it names."""
    return {"kind": "slack", "channel": "", "user": user, "step": execution}


def _person(inputs: dict[str, Any]) -> str:
    try:
        return _Named.model_validate({"user": inputs.get(PERSON)}).user
    except ValidationError:
        return ""


def _words(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _asked(callback_id: str, inputs: dict[str, Any]) -> Asked:
    """What the step asks for; what cannot be understood is recorded with the reason."""
    try:
        return understand(callback_id, inputs)
    except UserError as error:
        return UNCLEAR, {"why": str(error)}, f"workflow step {callback_id}"


def understand(callback_id: str, inputs: dict[str, Any]) -> Asked:
    """Understand a step; raises UserError."""
    function = functions().get(callback_id)
    if not function:
        message = f"This bot has no step “{callback_id}”. {_AGAIN}"
        raise UserError(message)
    arguments = {}
    for field, value in inputs.items():
        if field in {PERSON, CLOUD}:
            continue
        if field not in function.inputs:
            message = f"The step “{function.title}” has other inputs by now. {_AGAIN}"
            raise UserError(message)
        said = _said(function.inputs[field], value)
        if said is not False and said not in (None, ""):
            arguments[field] = said
    _check(function, arguments)
    name = function.operation.__name__
    return name, arguments, words_of(name, arguments)


def _said(known: Input, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        refuse_unreadable(value)
    except UserError as error:
        message = f"The step's input “{known.title}” is wrong. {error}"
        raise UserError(message) from None
    return value.strip()


def _check(function: Function, arguments: dict[str, Any]) -> None:
    for field, known in function.inputs.items():
        if known.required and field not in arguments:
            message = f"The step's input “{known.title}” is empty. Fill it in."
            raise UserError(message)
    try:
        function.model(**function.blank, **arguments)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        title = function.inputs[str(fault["loc"][0])].title
        message = f"The step's input “{title}” is wrong: {fault['msg']}. Mend it."
        raise UserError(message) from None
