"""The workflow steps that the declarations make: their ids, inputs and outputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from pydantic import BaseModel, SecretStr

from api.operation import OPERATIONS, resource_fields, secret_fields
from api.query import Query
from handlers.usage import is_typed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic.fields import FieldInfo

    from api.operation import Operation

PERSON = "person"
CLOUD = "cloud"
"""What every step may say beside its own inputs: which of several clouds is meant."""

_TITLES = {"vm": "VM", "iso": "ISO", "attached iso": "ISO", "target host": "Host"}
_TYPES = {bool: "boolean", int: "integer", float: "number"}
OUTPUTS = {
    "outcome": ("Outcome", "succeeded, or unchanged when nothing had to be done"),
    "resource_uuid": ("Resource", "uuid of what it was done to, when it was one thing"),
    "summary": ("Summary", "what was done or seen, as text"),
}


class _Look(BaseModel):
    like: str = ""
    with_iso: bool = False
    show: str = ""


@dataclass(frozen=True)
class Input:
    """One input of a step; `kind` says which resource it names, if it names one."""

    title: str
    description: str
    required: bool = True
    type: str = "string"
    choices: tuple[str, ...] = ()
    kind: str = ""


_WITH_ISO = Input(
    "Only with an ISO", "only VMs that have one", required=False, type="boolean"
)


@dataclass(frozen=True)
class Function:
    """A workflow step: an operation, and what may be said to it."""

    callback_id: str
    operation: type[Operation[Any]]
    inputs: dict[str, Input]
    model: type[BaseModel]

    @property
    def blank(self) -> dict[str, SecretStr]:
        """What stands for secrets, which the person is asked for on a page."""
        secrets = secret_fields(self.operation) if self.model is self.operation else ()
        return dict.fromkeys(secrets, SecretStr("secret"))

    @property
    def title(self) -> str:
        """What it is called in Workflow Builder."""
        return self.operation.summary().removesuffix(".")


def functions() -> dict[str, Function]:
    """Every operation with a command as a step, by its callback id."""
    made = (one for it in OPERATIONS.values() for one in _of(it))
    return {one.callback_id: one for one in made}


def _of(operation: type[Operation[Any]]) -> Iterator[Function]:
    command, noun = operation.rest.command, operation.rest.noun
    if command is None or noun is None:
        return
    if issubclass(operation, Query):
        title = _TITLES.get(noun, noun)
        # What is looked for is said in the desk's own words, not in the query's fields.
        like = Input("Words", "part of their names; all when left out", required=False)
        show = Input(title, f"the {title}", kind=noun)
        listed = {"like": like, "with_iso": _WITH_ISO}
        yield Function(f"{noun}_list", operation, listed, _Look)
        yield Function(f"{noun}_show", operation, {"show": show}, _Look)
        return
    kinds = resource_fields(operation)
    inputs = {
        field: _input(field, info, kinds.get(field, ""))
        for field, info in operation.model_fields.items()
        if is_typed(field, info)
    }
    yield Function("_".join(command.split()), operation, inputs, operation)


def _input(field: str, info: FieldInfo, kind: str) -> Input:
    is_choice = get_origin(info.annotation) is Literal
    title = field.replace("_", " ").capitalize()
    return Input(
        title=_TITLES.get(kind, title),
        description=info.description or title,
        required=info.is_required(),
        type=_TYPES.get(info.annotation, "string"),  # type: ignore[arg-type]  # any annotation may be asked for
        choices=get_args(info.annotation) if is_choice else (),
        kind=kind,
    )
