"""Words ↔ Operation: one grammar for Slack and the shell, made from the declarations."""

from __future__ import annotations

import argparse
import difflib
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from api.operation import OPERATIONS
from api.query import Query
from desk.errors import UserError
from handlers.parsers import (
    BREAK_GLASS,
    REASON,
    Parser,
    arguments_of,
    check,
    looker,
    parser,
)
from handlers.tokens import as_typed
from handlers.tokens import tokens as split
from handlers.usage import (
    ERRANDS,
    errand_usage,
    heads_of,
    help_text,
    looks_of,
    shown_as,
)

if TYPE_CHECKING:
    from api.operation import Operation

_CLOUD = "--cloud"
_HELP = {"--help", "-h"}


@dataclass(frozen=True)
class Words:
    """What was understood: an operation or an errand, and its arguments as words.

    `reason` is why it is wanted, for those who approve; `breaks_glass`: without them;
    `cloud` is which of several is meant.
    """

    operation: str
    arguments: dict[str, Any] = field(default_factory=dict)
    reason: str | None = None
    breaks_glass: bool = False
    cloud: str = ""


@dataclass(frozen=True)
class Help:
    """An answer that needs nothing but the words."""

    text: str


def parse(text: str) -> Words | Help:
    """Understand a line; raises UserError with a sentence that says what to mend."""
    return understand(split(text))


def understand(tokens: list[str]) -> Words | Help:
    """Understand a line that is in tokens already; raises UserError."""
    tokens, cloud = _without_cloud(tokens)
    words = _understand(tokens)
    return replace(words, cloud=cloud) if isinstance(words, Words) else words


def _without_cloud(tokens: list[str]) -> tuple[list[str], str]:
    """Take `--cloud NAME` out, which every command may have anywhere."""
    options = list(takewhile(lambda word: word != "--", tokens))
    for place, word in enumerate(options):
        option, _, name = word.partition("=")
        if option == _CLOUD:
            size = 1 if name else 2
            name = name or "".join(options[place + 1 : place + 2])
            if not name or name.startswith("-"):
                message = "Behind --cloud comes its name, for example: --cloud east."
                raise UserError(message)
            return tokens[:place] + tokens[place + size :], as_typed(name)
    return tokens, ""


def _understand(tokens: list[str]) -> Words | Help:
    if not tokens or tokens[0] == "help":
        return Help(help_text(tokens[1:]))
    if asked := _HELP.intersection(takewhile(lambda word: word != "--", tokens)):
        return Help(help_text([word for word in tokens if word not in asked]))
    if tokens[0] in ERRANDS:
        return Words(tokens[0], _errand(tokens[0], tokens[1:]))
    for operation, command in _commands():
        head = command.split()
        if tokens[: len(head)] == head:
            made = (
                looker(command) if command in looks_of(operation) else parser(operation)
            )
            given = arguments_of(made, tokens[len(head) :])
            reason = given.pop(REASON, None)
            breaks_glass = bool(given.pop(BREAK_GLASS, False))
            if not issubclass(operation, Query):
                check(operation, given, made)
            return Words(operation.__name__, given, reason, breaks_glass)
    if tokens[1:] == ["help"]:
        return Help(help_text(tokens[:1]))
    raise UserError(_not_a_command(tokens))


def _errand(name: str, tokens: list[str]) -> dict[str, Any]:
    errand = ERRANDS[name]
    if tokens and not errand.takes:
        message = f"“{name}” takes nothing behind it. Send /zstack {name}."
        raise UserError(message)
    description = f"Usage: {errand_usage(name)}\nExample: /zstack {errand.example}"
    made = Parser(description=description, add_help=False, allow_abbrev=False)
    if "--vm" in errand.takes:
        tokens = _with_vm(tokens)
    for taken in errand.takes:
        shown = shown_as(taken).removeprefix("command-")
        made.add_argument(taken, default=argparse.SUPPRESS, metavar=shown)
    arguments = arguments_of(made, tokens)
    errand.check(arguments)
    return arguments


def _with_vm(tokens: list[str]) -> list[str]:
    """Take the VM by its place too: `history web-01`, `history vm web-01`."""
    if tokens[:1] == ["vm"]:
        return ["--vm", *tokens[1:]]
    is_named = tokens and not tokens[0].startswith("-")
    return ["--vm", *tokens] if is_named else tokens


def _not_a_command(words: list[str]) -> str:
    first, *rest = map(as_typed, words)
    verbs = sorted({c.split()[1] for _, c in _commands() if c.split()[0] == first})
    if verbs:
        said = (
            f"“{first} {rest[0]}” is not a command" if rest else "Something is missing"
        )
        return f"{said}. Behind “{first}” comes one of: {', '.join(verbs)}."
    whole = [command for _, command in _commands() if command.split()[1:] == [first]]
    heads = {command.split()[0] for _, command in _commands()} | set(ERRANDS)
    near = whole or difflib.get_close_matches(first.casefold(), sorted(heads), n=1)
    meant = " or ".join(f"“{it}”" for it in near)
    hint = f"Did you mean {meant}? " if near else ""
    return f"“{first}” is not a command. {hint}/zstack help lists what can be said."


def _commands() -> list[tuple[type[Operation[Any]], str]]:
    """Every way to begin, and what begins so."""
    return [
        (operation, command)
        for operation in OPERATIONS.values()
        for command in heads_of(operation)
    ]
