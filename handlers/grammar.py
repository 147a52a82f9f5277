"""Words ↔ Operation: one grammar for Slack and the shell, made from the declarations."""

from __future__ import annotations

import argparse
import difflib
from dataclasses import dataclass, field, replace
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Literal, NoReturn, get_args, get_origin

from pydantic import SecretStr, ValidationError

import api.operations  # noqa: F401  # declares them
from api.operation import (
    OPERATIONS,
    Risk,
    is_secret,
    resource_fields,
    secret_fields,
)
from api.query import Query
from desk.errors import UserError
from desk.history import Search
from handlers.complaints import plainly
from handlers.tokens import as_typed, spoken
from handlers.tokens import tokens as split

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic.fields import FieldInfo

    from api.operation import Operation


@dataclass(frozen=True)
class Errand:
    """Something about the bot itself: its help, how it is written, what it takes."""

    said: str
    usage: str = ""
    example: str = ""
    takes: tuple[str, ...] = ()
    check: Callable[[dict[str, Any]], object] = lambda _: None


ERRANDS = {
    "login": Errand("Connect your ZStack account."),
    "logout": Errand("End your ZStack session, here and at ZStack."),
    "whoami": Errand("Tell who you are, in Slack and in ZStack."),
    "history": Errand(
        "List your last commands, or those on a VM, of somebody, of a time.",
        usage="[vm <vm>] [--by …|all] [--outcome …] [--since 12h]",
        example="history vm web-01 --since 7d",
        takes=("--vm", "--by", "--outcome", "--since"),
        check=Search.of,
    ),
    "cancel": Errand(
        "Take back a command that was not sent to ZStack yet.",
        usage="<id>",
        example="cancel k7m2p9x4qa",
        takes=("command_id",),
    ),
    "approvals": Errand("List what waits for your approval, or for others' of yours."),
    "approve": Errand(
        "Approve what somebody else asks for.",
        usage="<id>",
        example="approve k7m2p9x4qa",
        takes=("command_id",),
    ),
    "deny": Errand(
        "Say no to what somebody else asks for.",
        usage="<id>",
        example="deny k7m2p9x4qa",
        takes=("command_id",),
    ),
    "help": Errand("Tell what can be said."),
}
_CLOUD = "--cloud"
_REASON = "reason"  # behind everything that changes something
_BREAK_GLASS = "break_glass"
_UNTYPED = {"system_tags", "user_tags"}  # for programs, not for people
_EXAMPLE = {"vm": "web-01", "iso": "ubuntu-24.04.iso", "host": "east-host-2"}


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


class Parser(argparse.ArgumentParser):
    """A parser that raises UserError instead of leaving the program."""

    def error(self, message: str) -> NoReturn:
        """Say what to mend, how it is written, and an example."""
        message = plainly(message)
        msg = f"{message[0].upper()}{message[1:]}.\n{self.description}"
        raise UserError(as_typed(msg))


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
    if tokens[0] in ERRANDS:
        return Words(tokens[0], _errand(tokens[0], tokens[1:]))
    for operation, command in _commands():
        head = command.split()
        if tokens[: len(head)] == head:
            made = (
                _looker(command) if command in _looks(operation) else parser(operation)
            )
            given = _given(made, tokens[len(head) :])
            reason = given.pop(_REASON, None)
            breaks_glass = bool(given.pop(_BREAK_GLASS, False))
            if not issubclass(operation, Query):
                _check(operation, given, made)
            return Words(operation.__name__, given, reason, breaks_glass)
    raise UserError(_not_a_command(tokens))


def _errand(name: str, tokens: list[str]) -> dict[str, Any]:
    errand = ERRANDS[name]
    if tokens and not errand.takes:
        message = f"“{name}” takes nothing behind it. Send /zstack {name}."
        raise UserError(message)
    description = f"Usage: {errand_usage(name)}\nExample: /zstack {errand.example}"
    made = Parser(description=description, add_help=False, allow_abbrev=False)
    if tokens[:1] == ["vm"] and "--vm" in errand.takes:
        tokens = ["--vm", *tokens[1:]]
    for taken in errand.takes:
        shown = _shown(taken).removeprefix("command-")
        made.add_argument(taken, default=argparse.SUPPRESS, metavar=shown)
    arguments = _given(made, tokens)
    errand.check(arguments)
    return arguments


def errand_usage(name: str) -> str:
    """How an errand is written: `/zstack cancel <id>`."""
    return " ".join(filter(None, ("/zstack", name, ERRANDS[name].usage)))


def _not_a_command(words: list[str]) -> str:
    first, *rest = map(as_typed, words)
    verbs = sorted({c.split()[1] for _, c in _commands() if c.split()[0] == first})
    if verbs:
        said = (
            f"“{first} {rest[0]}” is not a command" if rest else "Something is missing"
        )
        return f"{said}. Behind “{first}” comes one of: {', '.join(verbs)}."
    heads = {command.split()[0] for _, command in _commands()} | set(ERRANDS)
    near = difflib.get_close_matches(first, sorted(heads), n=1)
    hint = f"Did you mean “{near[0]}”? " if near else ""
    return f"“{first}” is not a command. {hint}/zstack help lists what can be said."


def _commands() -> list[tuple[type[Operation[Any]], str]]:
    """Every way to begin: the shortcut without its slash, and noun and verb."""
    return [
        (operation, command.lstrip("/"))
        for operation in OPERATIONS.values()
        for command in _looks(operation)
        or (
            operation.rest.shortcut,
            operation.rest.command,
        )
        if command
    ]


def _looks(operation: type[Operation[Any]]) -> tuple[str, ...]:
    """The two ways to look at a resource: `vm list` and `vm show`."""
    noun = operation.rest.noun
    return (
        (f"{noun} list", f"{noun} show")
        if issubclass(operation, Query) and noun
        else ()
    )


def _looker(command: str) -> Parser:
    noun, verb = command.split()
    made = Parser(
        description=f"Usage: {_look_usage(command)}\nExample: /zstack {command} web-01",
        add_help=False,
        allow_abbrev=False,
    )
    if verb == "show":
        made.add_argument("show", metavar=noun)
    else:
        made.add_argument("like", metavar="words", nargs="?", default=argparse.SUPPRESS)
        made.add_argument("--with-iso", action="store_true", default=argparse.SUPPRESS)
    return made


def _look_usage(command: str) -> str:
    noun, verb = command.split()
    return f"/zstack {command} " + (
        f"<{noun}>" if verb == "show" else "[words] [--with-iso]"
    )


def parser(operation: type[Operation[Any]]) -> Parser:
    """Build the parser of `operation`: resources by place, the rest by name."""
    description = f"Usage: {usage(operation)}\nExample: {_example(operation)}"
    made = Parser(description=description, add_help=False, allow_abbrev=False)
    kinds = resource_fields(operation)
    for name, info in operation.model_fields.items():
        if not is_typed(name, info):
            continue
        many = get_origin(info.annotation) is tuple
        if name in kinds or info.is_required():
            optional: dict[str, Any] = {} if info.is_required() else {"nargs": "?"}
            made.add_argument(
                name,
                metavar=_shown(kinds.get(name, name)),
                default=argparse.SUPPRESS,
                **optional,
            )
        else:
            made.add_argument(
                _flag(name),
                action="append" if many else "store",
                choices=_choices(info) or None,
                default=argparse.SUPPRESS,
            )
    if operation.rest.risk is not Risk.READ:
        made.add_argument(_flag(_REASON), default=argparse.SUPPRESS)
        made.add_argument(
            _flag(_BREAK_GLASS),
            action="store_const",
            const="yes",
            default=argparse.SUPPRESS,
        )
    return made


def _given(made: Parser, tokens: list[str]) -> dict[str, Any]:
    _refuse_unknown(made, tokens)
    given = vars(made.parse_args(tokens))
    values = {name: spoken(value) for name, value in given.items()}
    if any(not part.strip() for value in values.values() for part in _parts(value)):
        made.error("a name is empty")
    return values


def _check(
    operation: type[Operation[Any]], arguments: dict[str, Any], made: Parser
) -> None:
    """Refuse what the declaration does not take, in its own words."""
    try:
        blank = dict.fromkeys(secret_fields(operation), SecretStr("secret"))
        operation.model_validate(blank | arguments)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = "-".join(map(str, first["loc"])).replace("_", "-")
        made.error(f"{name}: {first['msg']}")


def is_typed(name: str, info: FieldInfo) -> bool:
    """Whether people say it: what can be one thing only is for programs, and secrets."""
    is_said = name not in _UNTYPED and not is_secret(info)
    return is_said and len(_choices(info)) != 1


def _choices(info: FieldInfo) -> tuple[str, ...]:
    return get_args(info.annotation) if get_origin(info.annotation) is Literal else ()


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _refuse_unknown(made: Parser, tokens: list[str]) -> None:
    """Say which option is wrong; argparse would first complain of what is missing."""
    flags = made._option_string_actions  # noqa: SLF001  # argparse has no public way
    for word in takewhile(lambda word: word != "--", tokens):
        is_option = word.startswith("-") and word != "-"
        if is_option and word.partition("=")[0] not in flags:
            made.error(
                f"“{word}” is not an option here; a name with a dash in front goes "
                "in quotes"
            )


def _parts(value: Any) -> list[str]:
    return value if isinstance(value, list) else [str(value)]


def usage(operation: type[Operation[Any]]) -> str:
    """How it is written: `/detach-iso <vm> [iso]`."""
    if looks := _looks(operation):
        return " or ".join(map(_look_usage, looks))
    kinds = resource_fields(operation)
    parts = [operation.rest.shortcut or f"/zstack {operation.rest.command}"]
    for name, info in operation.model_fields.items():
        if name in kinds or (info.is_required() and is_typed(name, info)):
            shown = _shown(kinds.get(name, name))
            parts.append(f"<{shown}>" if info.is_required() else f"[{shown}]")
        elif is_typed(name, info):
            choices = "|".join(_choices(info)) or "…"
            parts.append(f"[{_flag(name)} {choices}]")
    return " ".join(parts)


def _example(operation: type[Operation[Any]]) -> str:
    kinds = resource_fields(operation)
    fields = operation.model_fields.items()
    required = [n for n, info in fields if info.is_required() and is_typed(n, info)]
    values = (_EXAMPLE.get(_shown(kinds.get(name, name)), "…") for name in required)
    start = operation.rest.shortcut or f"/zstack {operation.rest.command}"
    return " ".join((start, *values))


def _shown(kind: str) -> str:
    return kind.rsplit(maxsplit=1)[-1].replace("_", "-")


def help_text(words: list[str]) -> str:
    """What can be said, or about `words` only."""
    lines = [
        f"{usage(operation)} – {operation.summary()}"
        for operation in OPERATIONS.values()
        if operation.rest.command
    ]
    lines += [f"{errand_usage(name)} – {it.said}" for name, it in ERRANDS.items()]
    wanted = [word.casefold() for word in words]
    found = [line for line in lines if all(word in line.casefold() for word in wanted)]
    if not found:
        return f"Nothing is called “{spoken(' '.join(words))}”. /zstack help lists everything."
    note = (
        "A VM is named by uuid, exact name or IP address; quote names with spaces. "
        '--reason "…" behind what changes something tells those who approve it why; --break-glass goes ahead '
        "without them, where the policy lets you, and a channel is told."
    )
    return "\n".join([*found, note])
