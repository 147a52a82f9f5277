"""Find what Slack would refuse in a list of blocks."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from typing import TYPE_CHECKING, Any

from sandbox.slack.limits import ANY, ID, SURFACES, Many, Part, Rule, Shape, Text, Words
from sandbox.slack.shapes import BLOCKS, ELEMENTS, OBJECTS

if TYPE_CHECKING:
    from collections.abc import Iterator

_TEXT_KEYS = {"type", "text", "emoji", "verbatim"}
_TABLE_CHARACTERS = 10_000


def complaints(blocks: Any, surface: str = "message") -> list[str]:
    """Say each fault with the place it is in; nothing to say means Slack takes them."""
    return [
        f"[ERROR] {what} [json-pointer:{where}]"
        for where, what in _faults(blocks, surface)
    ]


def keep(blocks: list[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Copy `blocks` and give each block and element the id that Slack would give it."""
    kept: list[dict[str, Any]] = json.loads(json.dumps(blocks))
    for block in kept:
        block.setdefault("block_id", secrets.token_urlsafe(4))
        for element in (*block.get("elements", []), block.get("accessory", {})):
            if block["type"] != "rich_text" and element.get("type") in ELEMENTS:
                element.setdefault("action_id", secrets.token_urlsafe(4))
    return tuple(kept)


def _faults(blocks: Any, surface: str) -> Iterator[tuple[str, str]]:
    allowed, most = SURFACES[surface]
    if not isinstance(blocks, list):
        yield "/blocks", "must be an array"
        return
    if len(blocks) > most:
        yield "/blocks", f"no more than {most} items allowed"
    for place, block in enumerate(blocks):
        yield from _block(block, f"/blocks/{place}", allowed)
    yield from _together([block for block in blocks if isinstance(block, dict)])


def _block(
    block: Any, where: str, allowed: frozenset[str]
) -> Iterator[tuple[str, str]]:
    kind = block.get("type") if isinstance(block, dict) else None
    if kind not in allowed:
        yield where, f"unsupported type: {kind}"
        return
    if "block_id" in block:
        yield from _check(block["block_id"], ID, f"{where}/block_id")
    if kind in BLOCKS:
        yield from _shape(block, BLOCKS[kind], where, extra={"type", "block_id"})
    if kind == "actions":
        yield from _repeated(block.get("elements"), "action_id", f"{where}/elements")


def _together(blocks: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    yield from _repeated(blocks, "block_id", "/blocks")
    tables = [block for block in blocks if block.get("type") == "table"]
    if len(tables) > 1:
        yield "/blocks", "only one table allowed"
    if sum(_characters(table.get("rows")) for table in tables) > _TABLE_CHARACTERS:
        yield "/blocks", f"a table holds {_TABLE_CHARACTERS} characters"
    texts = [
        str(block.get("text")) for block in blocks if block.get("type") == "markdown"
    ]
    if sum(map(len, texts)) > 12_000:  # noqa: PLR2004 -- the cumulative figure of platform.md §2
        yield "/blocks", "markdown blocks hold 12000 characters together"


def _repeated(items: Any, key: str, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(items, list):
        ids = Counter(it[key] for it in items if isinstance(it, dict) and key in it)
        for name, times in ids.items():
            if times > 1:
                yield where, f"{key} '{name}' already exists"


def _characters(value: Any) -> int:
    if isinstance(value, dict):
        return sum(
            len(it) if key == "text" and isinstance(it, str) else _characters(it)
            for key, it in value.items()
        )
    return sum(map(_characters, value)) if isinstance(value, list) else 0


def _check(value: Any, rule: Rule, where: str) -> Iterator[tuple[str, str]]:
    match rule:
        case Words():
            yield from _words(value, rule, where)
        case Text():
            yield from _text(value, rule, where)
        case Part():
            yield from _part(value, rule, where)
        case Many():
            yield from _many(value, rule, where)


def _words(value: Any, rule: Words, where: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, str):
        yield where, "must be a string"
    elif len(value) > rule.longest:
        yield where, f"must be less than {rule.longest + 1} characters"
    elif len(value) < rule.shortest:
        yield where, f"must be more than {rule.shortest - 1} characters"


def _text(value: Any, rule: Text, where: str) -> Iterator[tuple[str, str]]:
    kinds = {"plain_text"} if rule.plain else {"plain_text", "mrkdwn"}
    if not isinstance(value, dict) or value.get("type") not in kinds:
        yield where, f"must be a text object of type {' or '.join(sorted(kinds))}"
        return
    for key in value.keys() - _TEXT_KEYS:
        yield where, f"invalid additional property: {key}"
    if value["type"] == "mrkdwn" and "emoji" in value:
        yield where, "emoji is for plain_text alone"
    yield from _words(
        value.get("text"), Words(rule.longest, shortest=1), f"{where}/text"
    )


def _part(value: Any, rule: Part, where: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict):
        yield where, "must be an object"
        return
    alone = rule.kinds[0]
    if alone in OBJECTS:
        yield from _shape(value, OBJECTS[alone], where, extra=set())
        return
    kind = value.get("type")
    if kind not in rule.kinds:
        yield where, f"unsupported type: {kind}"
    elif kind in {"plain_text", "mrkdwn"}:
        yield from _text(value, Text(3000), where)
    elif kind in ELEMENTS:
        yield from _shape(value, ELEMENTS[kind], where, extra={"type"})


def _many(value: Any, rule: Many, where: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, list):
        yield where, "must be an array"
        return
    if len(value) > rule.most:
        yield where, f"no more than {rule.most} items allowed"
    if len(value) < rule.least:
        yield where, f"no fewer than {rule.least} items allowed"
    for place, item in enumerate(value):
        yield from _check(item, rule.of, f"{where}/{place}")


def _shape(
    value: dict[str, Any], shape: Shape, where: str, *, extra: set[str]
) -> Iterator[tuple[str, str]]:
    for key in shape.needs:
        if key not in value:
            yield where, f"missing required field: {key}"
    if shape.one_of and not any(value.get(key) for key in shape.one_of):
        yield where, f"one of these is required: {', '.join(shape.one_of)}"
    for key, item in value.items():
        if key not in shape.keys and key not in extra:
            yield where, f"invalid additional property: {key}"
        else:
            yield from _check(item, shape.keys.get(key, ANY), f"{where}/{key}")
