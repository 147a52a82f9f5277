"""The policy file: YAML → Policy, with the line and column of every fault. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml
from pydantic import ValidationError
from yaml.reader import ReaderError

from desk.policy.check import checked
from desk.policy.model import Policy
from desk.policy.tree import Fault, Tree, read_tree
from desk.policy.wording import worded

if TYPE_CHECKING:
    from collections.abc import Iterable

_LARGE = 1 << 20  # characters; nobody writes that many by hand


class PolicyFault(Exception):
    """The file is wrong; `faults` says where and how, from the top to the bottom."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join(map(str, self.faults)))


def read_policy(text: str) -> Policy:
    """Read a policy; raises PolicyFault with all its faults, not only the first."""
    if len(text) > _LARGE:
        raise PolicyFault([Fault(1, 1, "is larger than a million characters")])
    try:
        tree = read_tree(text)
    except yaml.MarkedYAMLError as error:
        raise PolicyFault([_syntax(error)]) from None
    except ReaderError as error:
        raise PolicyFault([_strange(text, error)]) from None
    if tree.faults:
        raise PolicyFault(tree.faults)
    try:
        policy = Policy.model_validate(tree.value)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        raise PolicyFault(_placed(tree, found)) from None
    faults = [tree.fault(*one) for one in checked(policy)]
    if faults:
        raise PolicyFault(faults)
    return policy


def _strange(text: str, error: ReaderError) -> Fault:
    above = text[: error.position].split("\n")
    said = f"the character U+{ord(text[error.position]):04X} has no place in it"
    return Fault(len(above), len(above[-1]) + 1, f"is not YAML: {said}")


def _syntax(error: yaml.MarkedYAMLError) -> Fault:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Fault(line, column, f"is not YAML: {error.problem or error.context}")


def _placed(tree: Tree, errors: list[Any]) -> Iterable[Fault]:
    inner = {error["loc"][:-1] for error in errors}
    for error in errors:
        # pydantic counts what is wrong in a list as missing from it.
        if error["type"] != "too_short" or error["loc"] not in _above(inner):
            yield tree.fault(error["loc"], worded(error))


def _above(paths: Iterable[tuple[int | str, ...]]) -> set[tuple[int | str, ...]]:
    return {path[:end] for path in paths for end in range(len(path) + 1)}
