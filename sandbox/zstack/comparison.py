"""One condition on a resource, and whether a row meets it."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sandbox.zstack.entities import ENTITIES
from sandbox.zstack.errors import invalid_argument

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.zstack.entity import Entity
    from sandbox.zstack.settings import Settings
    from sandbox.zstack.world import World

_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_TAGS = frozenset({"__systemTag__", "__userTag__"})
_TIME = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True)
class Comparison:
    """A name, an operator as SQL knows it, and what to compare with."""

    name: str
    operator: str
    values: tuple[str, ...] = ()


def check_name(entity: Entity, name: str, world: World) -> None:
    """Refuse a name the kind does not have, also along a chain of names."""
    *chain, last = name.split(".")
    for link in chain:
        if link not in entity.expands:
            raise _unknown(link, entity)
        entity = ENTITIES[entity.expands[link][0]]
    if last not in entity.fields(world) | _TAGS:
        raise _unknown(last, entity)


def _unknown(name: str, entity: Entity) -> Exception:
    return invalid_argument(
        zh=f"[{entity.name}]没有字段[{name}]",
        en=f"no field[{name}] in entity[{entity.name}]",
    )


@dataclass(frozen=True)
class Matcher:
    """Compares rows of a world, under the settings of its database."""

    world: World
    settings: Settings

    def meets(self, entity: Entity, row: Any, condition: Comparison) -> bool:
        """Tell whether a row meets a condition, itself or through what it leads to."""
        head, _, rest = condition.name.partition(".")
        if not rest:
            return any(
                self._holds(value, condition) for value in _values(entity, row, head)
            )
        kind, related = entity.expands[head]
        inner = Comparison(rest, condition.operator, condition.values)
        rows = related(self.world, row)
        return any(self.meets(ENTITIES[kind], other, inner) for other in rows)

    def _holds(self, value: Any, condition: Comparison) -> bool:
        if condition.operator == "is null":
            return value is None
        if value is None:
            return False  # as in SQL: null compares with nothing
        plain = condition.operator.removeprefix("not ")
        negated = plain != condition.operator or plain == "!="
        return self._agrees(value, plain, condition.values) is not negated

    def _agrees(self, value: Any, plain: str, texts: tuple[str, ...]) -> bool:
        match plain:
            case "is not null":
                return True
            case "in" | "=" | "!=":
                return any(self._compares(value, "=", text) for text in texts)
            case "like":
                return self._is_like(value, texts[0])
            case order:
                return self._compares(value, order, texts[0])

    def _compares(self, value: Any, order: str, text: str) -> bool:
        try:
            return _ORDER[order](*self._alike(value, text))
        except ValueError:
            return False

    def _alike(self, value: Any, text: str) -> tuple[Any, Any]:
        """Bring the text to the type of the column."""
        match value:
            case bool():
                return value, text.lower() in {"true", "1"}
            case int():
                return value, float(text)
            case datetime():
                zone = ZoneInfo(self.settings.timezone)
                return value, datetime.strptime(text, _TIME).replace(tzinfo=zone)
            case _:
                return self._folded(value), self._folded(text)

    def _folded(self, text: str) -> str:
        return text.casefold() if self.settings.ignore_case else text

    def _is_like(self, value: Any, pattern: str) -> bool:
        wild = {"%": ".*", "_": "."}
        parts = re.findall(r"\\.|.", self._folded(pattern), re.DOTALL)
        expression = "".join(wild.get(part) or re.escape(part[-1]) for part in parts)
        return bool(re.fullmatch(expression, self._folded(str(value)), re.DOTALL))


def _values(entity: Entity, row: Any, name: str) -> list[Any]:
    if name == "__systemTag__":
        return [tag.name for tag in getattr(row, "system_tags", ())]
    if name == "__userTag__":
        return list(getattr(row, "user_tags", ()))
    return [entity.write(row)[name]]
