"""What no single part of the file can see: names that have to fit each other."""

from __future__ import annotations

import difflib
from collections import Counter
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import api.operations  # noqa: F401  # declares them
from api.operation import OPERATIONS
from desk.permission import ELSEWHERE
from desk.policy.clouds import DEFAULT
from desk.steps.errands import ERRANDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from desk.policy.conditions import What
    from desk.policy.model import Policy
    from desk.policy.subjects import Subjects

    Found = tuple[tuple[int | str, ...], str]
    """Where in the file, and what is wrong there."""


def checked(policy: Policy) -> Iterator[Found]:
    """Find what does not fit together."""
    yield from _names(policy)
    for who, place in policy.subjects:
        yield from _rotas(policy, who, place)
    for number, rule in enumerate(policy.rules):
        yield from _words(rule.what, ("rules", number, "what"))
    yield from _routes(policy)
    for number, line in enumerate(policy.steps.service_key):
        yield from _words(line.what, ("steps", "service_key", number, "what"))


def _routes(policy: Policy) -> Iterator[Found]:
    has_ours = any(it.url is None for it in policy.clouds.values())
    unnamed = () if has_ours or not policy.clouds else (DEFAULT,)
    names = sorted([*policy.clouds, *unnamed])
    for number, route in enumerate(policy.alerts.routes):
        if route.cloud and route.cloud not in names:
            known = ", ".join(names) or "none"
            said = f"there is no cloud “{route.cloud}” under “clouds”; there is {known}"
            yield ("alerts", "routes", number, "cloud"), said


def _words(what: What, path: tuple[int | str, ...]) -> Iterator[Found]:
    yield from _globs(what.commands, _commands(), (*path, "commands"))
    yield from _globs(what.operations, OPERATIONS, (*path, "operations"))


def _names(policy: Policy) -> Iterator[Found]:
    """A refusal and the audit name the rule: one name is one rule."""
    many = Counter(rule.name for rule in policy.rules)
    for number, rule in enumerate(policy.rules):
        if many[rule.name] > 1:
            yield ("rules", number, "name"), f"another rule is called “{rule.name}” too"


def _rotas(
    policy: Policy, who: Subjects, path: tuple[int | str, ...]
) -> Iterator[Found]:
    for number, name in enumerate(who.on_call or ()):
        if name not in policy.rotas:
            known = ", ".join(sorted(policy.rotas)) or "none"
            said = f"there is no rota “{name}” under “rotas”; there is {known}"
            yield (*path, "on_call", number), said


def _globs(
    globs: Iterable[str] | None, known: Iterable[str], path: tuple[int | str, ...]
) -> Iterator[Found]:
    """A glob that fits nothing is a slip: a deny that never denies."""
    names = sorted(set(known))
    for number, glob in enumerate(globs or ()):
        if not any(fnmatchcase(name, glob) for name in names):
            near = difflib.get_close_matches(glob, names, n=1)
            hint = f"; did you mean “{near[0]}”?" if near else ""
            yield (*path, number), f"“{glob}” fits nothing that can be asked for{hint}"


def _commands() -> Iterator[str]:
    for operation in OPERATIONS.values():
        if operation.rest.command:
            yield operation.rest.command
            yield f"{operation.rest.noun} show"
    yield from (*ERRANDS, *ELSEWHERE)
