"""Query conditions as objects, safe to put on ZStack's wire.

ZStack finds the operator of `q=name=value` by searching the whole text, in a fixed order,
for the first operator that it contains anywhere (protocol.md §3). A value that contains
one can therefore change the meaning. What does not survive that is asked in ZQL.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from api.inventory import Inventory
from api.operation import Operation

Item = TypeVar("Item", bound=Inventory)


class Op(StrEnum):
    """ZStack's operators in the order in which it searches for them."""

    NE = "!="
    GE = ">="
    LE = "<="
    NOT_IN = "!?="
    NOT_LIKE = "!~="
    LIKE = "~="
    IN = "?="
    EQ = "="
    GT = ">"
    LT = "<"
    IS_NULL = "is null"
    NOT_NULL = "not null"


_WORDLESS = (Op.IS_NULL, Op.NOT_NULL)
_ZQL = {Op.NOT_IN: "not in", Op.NOT_LIKE: "not like", Op.LIKE: "like", Op.IN: "in"}


class Condition(BaseModel):
    """One condition; `values` has several members only for IN and NOT_IN."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    name: str
    op: Op
    values: tuple[str, ...] = ()

    def as_q(self) -> str:
        """As the value of a `q` parameter."""
        if self.op in _WORDLESS:
            return f"{self.name} {self.op}"
        return f"{self.name}{self.op}{','.join(self.values)}"

    def as_zql(self) -> str:
        """As a condition of a ZQL statement."""
        if self.op in _WORDLESS:
            return f"{self.name} {'is' if self.op is Op.IS_NULL else 'is not'} null"
        values = ", ".join(_quoted(value) for value in self.values)
        many = self.op in {Op.IN, Op.NOT_IN}
        return f"{self.name} {_ZQL.get(self.op, self.op)} {f'({values})' if many else values}"

    @model_validator(mode="after")
    def _values_fit_the_operator(self) -> Self:
        count = len(self.values)
        many = self.op in {Op.IN, Op.NOT_IN}
        if not (count >= 1 if many else count == (self.op not in _WORDLESS)):
            message = f"{self.op} does not take {count} values"
            raise ValueError(message)
        return self

    @property
    def fits_q(self) -> bool:
        """Whether ZStack will read `as_q` the way it was meant."""
        text = self.as_q()
        op = next(op for op in Op if op in text)
        if op is not self.op:
            return False
        if text.index(op) != len(self.name) + (self.op in _WORDLESS):
            return False
        many = self.op in {Op.IN, Op.NOT_IN}
        return not any(
            # A second operator right behind the first may be taken for part of it.
            value.startswith(op) or (many and "," in value)
            for value in self.values
        )


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def where(name: str, *values: str, op: Op = Op.EQ) -> Condition:
    """Make a condition: `where("name", "web-01")`."""
    return Condition(name=name, op=op, values=values)


class Query(Operation[tuple[Item, ...]]):
    """A page of inventories that match every condition.

    Names are spliced into ZQL unescaped by ZStack, so only declared ones pass.
    """

    entity: ClassVar[str]
    names: ClassVar[frozenset[str]]

    conditions: Annotated[
        tuple[Condition, ...], Field(description="all must hold")
    ] = ()
    limit: Annotated[int, Field(description="at most so many", ge=1, le=1000)] = 100
    start: Annotated[int, Field(description="skip so many", ge=0)] = 0
    sort: Annotated[
        str | None, Field(description="a field, `-` in front: descending")
    ] = None
    fields: Annotated[tuple[str, ...], Field(description="only these fields")] = ()

    @model_validator(mode="after")
    def _names_are_known(self) -> Self:
        used = [condition.name for condition in self.conditions]
        sorted_by = [self.sort.removeprefix("-")] if self.sort is not None else []
        for name in (*used, *sorted_by, *self.fields):
            if name not in self.names:
                message = f"{type(self).__name__} cannot ask for {name!r}"
                raise ValueError(message)
        return self

    @property
    def needs_zql(self) -> bool:
        """Whether a value would change the meaning of a `q` condition."""
        return not all(condition.fits_q for condition in self.conditions)

    def as_zql(self) -> str:
        """The same question as a ZQL statement."""
        text = f"query {self.entity}"
        if self.conditions:
            text += " where " + " and ".join(c.as_zql() for c in self.conditions)
        if self.sort:
            direction = "desc" if self.sort.startswith("-") else "asc"
            text += f" order by {self.sort.removeprefix('-')} {direction}"
        return f"{text} limit {self.limit} offset {self.start}"


def names_of(model: type[Inventory], *nested: str) -> frozenset[str]:
    """The names that may be asked for: the model's own scalar fields and `nested`."""
    own = (
        to_camel(name) for name, field in model.model_fields.items() if _scalar(field)
    )
    return frozenset((*own, *nested))


def _scalar(field: Any) -> bool:
    return "tuple" not in str(field.annotation)
