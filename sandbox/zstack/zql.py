"""The query language, as far as somebody who operates VMs needs it (protocol.md 3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.zstack.comparison import Comparison, Matcher, check_name
from sandbox.zstack.entities import ENTITIES
from sandbox.zstack.errors import invalid_argument
from sandbox.zstack.query import Selection, schema, select
from sandbox.zstack.zql_tokens import Tokens, statements

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.zstack.api import Call, Json
    from sandbox.zstack.entity import Entity

    Test = Callable[[Any], bool]

_COMPARISONS = frozenset({"=", "!=", ">", ">=", "<", "<=", "like"})


async def run(call: Call) -> Json:
    """Run every statement and give a result for each."""
    text = str(call.params.get("zql", ""))
    parsers = [_Parser(call, tokens) for tokens in statements(text)]
    results = [parser.statement().result(call) for parser in parsers]
    return {"results": results}


@dataclass(kw_only=True)
class _Statement:
    entity: Entity
    wanted: Selection
    counts: bool
    with_total: bool = False
    name: str | None = None

    def result(self, call: Call) -> Json:
        page, total = select(call, self.entity, self.wanted)
        if self.counts:
            return {"total": total, "name": self.name}
        return {
            "inventories": page,
            "total": total if self.with_total else None,
            "schema": schema(self.entity, page),
            "name": self.name,
        }


class _Parser:
    """Reads one statement."""

    def __init__(self, call: Call, tokens: Tokens) -> None:
        self._world = call.node.world
        self._matcher = Matcher(call.node.world, call.node.settings)
        self._tokens = tokens
        self._entity = next(iter(ENTITIES.values()))

    def statement(self) -> _Statement:
        """Read `query <entity>` or `count <entity>` and its clauses."""
        verb = self._tokens.expect("query", "count")
        name, _, field = self._tokens.word().partition(".")
        if name.lower() not in ENTITIES:
            raise invalid_argument(
                zh=f"没有资源类型[{name}]", en=f"no entity[{name}] to query"
            )
        self._entity = ENTITIES[name.lower()]
        wanted = Selection(accepts=lambda _: True, fields=[field] if field else [])
        while field and self._tokens.skip(","):
            wanted.fields.append(self._tokens.word())
        read = _Statement(entity=self._entity, wanted=wanted, counts=verb == "count")
        while not self._tokens.is_empty:
            self._clause(read)
        return read

    def _clause(self, read: _Statement) -> None:
        wanted = read.wanted
        match self._tokens.expect(
            "where", "order", "limit", "offset", "return", "named"
        ):
            case "where":
                wanted.accepts = self._any()
            case "order":
                self._tokens.expect("by")
                wanted.sort = self._tokens.word()
                wanted.descending = self._tokens.skip("desc")
                self._tokens.skip("asc")
            case "limit":
                wanted.limit = int(self._tokens.value())
            case "offset":
                wanted.start = int(self._tokens.value())
            case "return":
                self._tokens.expect("with")
                self._tokens.expect("(")
                read.with_total = self._tokens.expect("total") == "total"
                self._tokens.expect(")")
            case _:
                self._tokens.expect("as")
                read.name = self._tokens.value()

    def _any(self) -> Test:
        tests = [self._all()]
        while self._tokens.skip("or"):
            tests.append(self._all())
        return lambda row: any(test(row) for test in tests)

    def _all(self) -> Test:
        tests = [self._test()]
        while self._tokens.skip("and"):
            tests.append(self._test())
        return lambda row: all(test(row) for test in tests)

    def _test(self) -> Test:
        if self._tokens.skip("("):
            inner = self._any()
            self._tokens.expect(")")
            return inner
        comparison = self._comparison(self._tokens.word())
        check_name(self._entity, comparison.name, self._world)
        entity, matcher = self._entity, self._matcher
        return lambda row: matcher.meets(entity, row, comparison)

    def _comparison(self, name: str) -> Comparison:
        if self._tokens.skip("is"):
            negated = "not " if self._tokens.skip("not") else ""
            self._tokens.expect("null")
            return Comparison(name, f"is {negated}null")
        negated = "not " if self._tokens.skip("not") else ""
        if self._tokens.skip("in"):
            return Comparison(name, f"{negated}in", self._list())
        sign = self._tokens.expect(*_COMPARISONS)
        if self._tokens.skip("null"):
            return Comparison(name, "is null" if sign == "=" else "is not null")
        return Comparison(name, negated + sign, (self._tokens.value(),))

    def _list(self) -> tuple[str, ...]:
        self._tokens.expect("(")
        values = [self._tokens.value()]
        while self._tokens.skip(","):
            values.append(self._tokens.value())
        self._tokens.expect(")")
        return tuple(values)
