"""A ZStack API declared once: how it is asked, what it can cost, what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    ClassVar,
    Generic,
    Literal,
    Self,
    TypeVar,
)

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    SecretStr,
    TypeAdapter,
    model_validator,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic.fields import FieldInfo

Reply = TypeVar("Reply")
Declared = TypeVar("Declared", bound="type[Operation[Any]]")

Method = Literal["GET", "POST", "PUT", "DELETE"]


class Risk(StrEnum):
    """What an operation can cost, from nothing to what cannot be brought back."""

    READ = "read"
    CHANGE = "change"
    DISRUPT = "disrupt"
    DESTROY = "destroy"


@dataclass(frozen=True)
class Rest:
    """How ZStack is asked. `reply` is the key of the answer's body, `*` all of it."""

    method: Method
    path: str
    risk: Risk
    command: str | None
    shortcut: str | None
    reply: str | None
    asynchronous: bool
    needs_session: bool
    repeatable: bool
    secret: bool
    reader: TypeAdapter[Any]

    @property
    def noun(self) -> str | None:
        """What the command is about: the `vm` of `vm start`."""
        return self.command.split()[0] if self.command else None


Secret = Annotated[
    SecretStr,
    PlainSerializer(SecretStr.get_secret_value),
    Field(min_length=1, repr=False),
]
"""What nobody may type where others read along; ZStack gets it in clear."""


class Operation(BaseModel, Generic[Reply]):
    """One ZStack API. Subclasses are declared with `@rest`; `Reply` is what it answers.

    Unknown fields are refused: ZStack ignores unknown parameters, so that a typo
    would silently mean something else (protocol.md §1.2).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    rest: ClassVar[Rest]

    system_tags: Annotated[tuple[str, ...], Field(description="system tags")] = ()
    user_tags: Annotated[tuple[str, ...], Field(description="user tags")] = ()

    @model_validator(mode="after")
    def _is_text(self) -> Self:
        try:
            self.model_dump_json()
        except ValueError:  # half of a surrogate pair cannot be sent
            message = "a value is not valid text"
            raise ValueError(message) from None
        return self

    @classmethod
    def summary(cls) -> str:
        """The first line of the docstring: the help that people see."""
        return (cls.__doc__ or "").strip().splitlines()[0]


def resource_fields(operation: type[Operation[Any]]) -> dict[str, str]:
    """The fields that name a resource, with its kind: `{"vm_instance_uuid": "vm"}`."""
    found = {}
    for name, field in operation.model_fields.items():
        extra = field.json_schema_extra
        if isinstance(extra, dict) and "resource" in extra:
            found[name] = str(extra["resource"])
    return found


def subject(operation: type[Operation[Any]]) -> tuple[str, str]:
    """The field that names what it acts on, and its kind: the first of its resources."""
    return next(iter(resource_fields(operation).items()))


def secret_fields(operation: type[Operation[Any]]) -> tuple[str, ...]:
    """The fields that are taken on the one-time page alone, and never as words."""
    return tuple(it for it, field in operation.model_fields.items() if is_secret(field))


def is_secret(field: FieldInfo) -> bool:
    """Whether a field was declared as Secret."""
    return field.annotation is SecretStr and not field.repr


OPERATIONS: dict[str, type[Operation[Any]]] = {}
"""Every declared operation by ZStack's name, in the order of declaration."""


def rest(
    route: str,
    *,
    risk: Risk,
    command: str | None = None,
    shortcut: str | None = None,
    reply: str | None = "inventory",
    asynchronous: bool | None = None,
    needs_session: bool = True,
    repeatable: bool = False,
    secret: bool = False,
) -> Callable[[Declared], Declared]:
    """Declare an operation: `"DELETE /vm-instances/{vm_instance_uuid}/iso"`.

    `command` is what people type (noun, verb), `shortcut` a slash command of its own.
    What is not READ is asynchronous unless it says so: the method tells nothing
    (protocol.md §1.1). `repeatable` means that running it twice does no harm,
    `secret` that only whoever asked may see the answer.
    """
    method, path = route.split()

    def declare(operation: Declared) -> Declared:
        operation.rest = Rest(
            method=method,  # type: ignore[arg-type]  # the catalogue tests check it
            path=path,
            risk=risk,
            command=command,
            shortcut=shortcut,
            reply=reply,
            asynchronous=risk is not Risk.READ
            if asynchronous is None
            else asynchronous,
            needs_session=needs_session,
            repeatable=repeatable,
            secret=secret,
            reader=TypeAdapter(_reply_type(operation)),
        )
        OPERATIONS[operation.__name__] = operation
        return operation

    return declare


def _reply_type(operation: type[Operation[Any]]) -> Any:
    for parent in operation.__mro__:
        generic = getattr(parent, "__pydantic_generic_metadata__", {})
        if generic.get("args") and generic["origin"] is not None:
            (argument,) = generic["args"]
            return argument if generic["origin"] is Operation else _many(argument)
    message = f"{operation.__name__} does not say what it answers"
    raise TypeError(message)


def _many(item: Any) -> Any:
    return tuple[item, ...]
