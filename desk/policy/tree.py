"""YAML as plain text, lists and mappings, with the place of each in the file.

Every scalar stays the text that was written: YAML's own types would make 1320 of 22:00
and False of `no`; what a text means is for the model to say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Sequence

Path = tuple[int | str, ...]

_DEEP = 20
_OPENS = (yaml.SequenceStartEvent, yaml.MappingStartEvent)
_CLOSES = (yaml.SequenceEndEvent, yaml.MappingEndEvent)


@dataclass(frozen=True, order=True)
class Fault:
    """What is wrong at a line and column, counted from 1."""

    line: int
    column: int
    message: str

    def __str__(self) -> str:
        """The fault in one line."""
        return f"line {self.line}, column {self.column}: {self.message}"


@dataclass
class Tree:
    """What was written, where each part of it stands, and what cannot be read."""

    value: Any = None
    places: dict[Path, tuple[int, int]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, path: Sequence[int | str], message: str) -> Fault:
        """A fault at `path`, or at the nearest part of the file above it."""
        known = tuple(path)
        while known not in self.places and known:
            known = known[:-1]
        return Fault(*self.places.get(known, (1, 1)), message)


def read_tree(text: str) -> Tree:
    """Read YAML; raises yaml.YAMLError when it is none."""
    tree = Tree()
    tree.faults += _strange(text)
    if tree.faults:
        return tree
    node = yaml.compose(text, Loader=yaml.BaseLoader)
    if node is None:
        tree.faults.append(Fault(1, 1, "is empty; take the file away for the default"))
        return tree
    tree.value = _read(tree, node, ())
    return tree


def _strange(text: str) -> list[Fault]:
    """What makes a file larger than it looks: nesting and aliases."""
    depth, faults = 0, []
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        depth += isinstance(event, _OPENS) - isinstance(event, _CLOSES)
        if depth > _DEEP:
            return [_at(event, f"is nested more than {_DEEP} deep")]
        if isinstance(event, yaml.AliasEvent):
            faults.append(_at(event, "aliases are not read here; write it out"))
    return faults


def _at(marked: Any, message: str) -> Fault:
    mark = marked.start_mark
    return Fault(mark.line + 1, mark.column + 1, message)


def _read(tree: Tree, node: yaml.Node, path: Path) -> Any:
    mark = node.start_mark
    tree.places.setdefault(path, (mark.line + 1, mark.column + 1))
    if isinstance(node, yaml.MappingNode):
        return _mapping(tree, node, path)
    if isinstance(node, yaml.SequenceNode):
        return [_read(tree, item, (*path, at)) for at, item in enumerate(node.value)]
    if isinstance(node, yaml.ScalarNode) and not node.value and node.style is None:
        tree.faults.append(_at(node, "says nothing; fill it in, or take it away"))
    return str(node.value)


def _mapping(tree: Tree, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            tree.faults.append(_at(key, "a name has to be plain text"))
            continue
        if key.value in found:
            tree.faults.append(_at(key, f"“{key.value}” stands here twice"))
        here = (*path, key.value)
        tree.places[here] = (key.start_mark.line + 1, key.start_mark.column + 1)
        found[key.value] = _read(tree, value, here)
    return found
