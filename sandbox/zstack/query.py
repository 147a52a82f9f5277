"""The query APIs: `GET /v1/<resources>?q=…` (protocol.md 3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.zstack.comparison import Comparison, Matcher, check_name
from sandbox.zstack.errors import PlainError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from sandbox.zstack.api import Call, Json
    from sandbox.zstack.entity import Entity
    from sandbox.zstack.inventory import Inventory

FIELDS = frozenset(
    "q limit start count groupBy replyWithCount filterName sort fields".split()  # noqa: SIM905 - reads better
)
_DEFAULT_LIMIT = 1000
# Looked for in this order anywhere in the condition; the first contained one wins,
# also when it is part of the value.
_OPERATORS = {
    "!=": "!=",
    ">=": ">=",
    "<=": "<=",
    "!?=": "not in",
    "!~=": "not like",
    "~=": "like",
    "?=": "in",
    "=": "=",
    ">": ">",
    "<": "<",
    "is null": "is null",
    "not null": "is not null",
}


@dataclass(kw_only=True)
class Selection:
    """What a query asks for: the rows, their order, and which part of them."""

    accepts: Callable[[Any], bool]
    sort: str | None = None
    descending: bool = False
    limit: int = _DEFAULT_LIMIT
    start: int = 0
    fields: list[str] = field(default_factory=list)


def select(
    call: Call, entity: Entity, wanted: Selection
) -> tuple[list[Inventory], int]:
    """Write one page of what the caller may see, and count all of it."""
    world = call.node.world
    for name in [*wanted.fields, *([wanted.sort] if wanted.sort else [])]:
        check_name(entity, name, world)
    seen = entity.visible(world, call.session.account)
    rows = [entity.write(row) for row in seen if wanted.accepts(row)]
    if wanted.sort:
        order = _order(wanted.sort, ignore_case=call.node.settings.ignore_case)
        rows.sort(key=order, reverse=wanted.descending)
    page = rows[wanted.start : wanted.start + wanted.limit]
    return [_only(row, wanted.fields) for row in page], len(rows)


def _order(name: str, *, ignore_case: bool) -> Callable[[Inventory], tuple[bool, Any]]:
    def key(row: Inventory) -> tuple[bool, Any]:
        value = row[name]
        if ignore_case and isinstance(value, str):
            value = value.casefold()
        return value is not None, value

    return key


def _only(row: Inventory, fields: list[str]) -> Inventory:
    return {name: row[name] for name in fields} if fields else row


def query(entity: Entity) -> Callable[[Call], Awaitable[Json]]:
    """Make the query API of one kind of resource."""

    async def run(call: Call) -> Json:
        page, total = select(call, entity, _selection(call, entity))
        if _flag(call, "count") and "uuid" not in call.variables:
            return {"total": total, "schema": {}}
        reply: Json = {"inventories": page, "schema": schema(entity, page)}
        if _flag(call, "replyWithCount") and "uuid" not in call.variables:
            reply["total"] = total
        return reply

    return run


def schema(entity: Entity, page: list[Inventory]) -> dict[str, str]:
    """Name the Java class of each part of a reply."""
    return {f"inventories[{number}]": entity.java for number in range(len(page))}


def _selection(call: Call, entity: Entity) -> Selection:
    if uuid := call.variables.get("uuid"):
        # The path form ignores every other parameter.
        return _where(call, entity, [Comparison("uuid", "=", (uuid,))])
    conditions = [_condition(text) for text in _all(call, "q")]
    wanted = _where(call, entity, conditions)
    wanted.limit = _number(call, "limit", _DEFAULT_LIMIT)
    wanted.start = _number(call, "start", 0)
    wanted.fields = [
        name.strip() for text in _all(call, "fields") for name in text.split(",")
    ]
    for text in _all(call, "sort"):
        wanted.sort = text.lstrip("+- ")
        wanted.descending = text.startswith("-")
    return wanted


def _where(call: Call, entity: Entity, conditions: Iterable[Comparison]) -> Selection:
    conditions = list(conditions)
    for condition in conditions:
        check_name(entity, condition.name, call.node.world)
    matcher = Matcher(call.node.world, call.node.settings)
    return Selection(
        accepts=lambda row: all(matcher.meets(entity, row, c) for c in conditions)
    )


def _condition(text: str) -> Comparison:
    sign = next((sign for sign in _OPERATORS if sign in text), None)
    if not sign:
        raise PlainError(400, f"Invalid query parameter. The '{text}' has no operator")
    name, _, value = text.partition(sign)
    meaning = _OPERATORS[sign]
    if meaning.endswith("null"):
        return Comparison(name.strip(), meaning)
    values = tuple(value.split(",")) if meaning.endswith("in") else (value,)
    return Comparison(name.strip(), meaning, values)


def _all(call: Call, name: str) -> list[str]:
    return [value for key, value in call.query if key == name]


def _flag(call: Call, name: str) -> bool:
    return _all(call, name)[-1:] == ["true"]


def _number(call: Call, name: str, default: int) -> int:
    text = next(iter(_all(call, name)), str(default))
    if not text.isdecimal():
        raise PlainError(400, f"Invalid query parameter. '{name}' must be an integer")
    return int(text)
