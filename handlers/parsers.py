"""Parsers made from the declarations, which say what to mend and never end the program."""

from __future__ import annotations

import argparse
from itertools import takewhile
from typing import TYPE_CHECKING, Any, NoReturn, get_origin

from pydantic import SecretStr, ValidationError

from api.operation import Risk, resource_fields, secret_fields
from desk.errors import UserError
from handlers.complaints import plainly
from handlers.tokens import as_typed, spoken
from handlers.usage import (
    choices_of,
    example_of,
    flag_of,
    is_typed,
    look_usage,
    shown_as,
    usage,
)

if TYPE_CHECKING:
    from api.operation import Operation

REASON = "reason"  # behind everything that changes something


BREAK_GLASS = "break_glass"


class Parser(argparse.ArgumentParser):
    """A parser that raises UserError instead of leaving the program."""

    def error(self, message: str) -> NoReturn:
        """Say what to mend, how it is written, and an example."""
        message = plainly(message)
        msg = f"{message[0].upper()}{message[1:]}.\n{self.description}"
        raise UserError(as_typed(msg))


def parser(operation: type[Operation[Any]]) -> Parser:
    """Build the parser of `operation`: resources by place, the rest by name."""
    description = f"Usage: {usage(operation)}\nExample: {example_of(operation)}"
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
                metavar=shown_as(kinds.get(name, name)),
                default=argparse.SUPPRESS,
                **optional,
            )
        else:
            made.add_argument(
                flag_of(name),
                action="append" if many else "store",
                choices=choices_of(info) or None,
                default=argparse.SUPPRESS,
            )
    if operation.rest.risk is not Risk.READ:
        made.add_argument(flag_of(REASON), default=argparse.SUPPRESS)
        made.add_argument(
            flag_of(BREAK_GLASS),
            action="store_const",
            const="yes",
            default=argparse.SUPPRESS,
        )
    return made


def looker(command: str) -> Parser:
    """Build the parser of `vm list` or `vm show`."""
    noun, verb = command.split()
    made = Parser(
        description=f"Usage: {look_usage(command)}\nExample: /zstack {command} web-01",
        add_help=False,
        allow_abbrev=False,
    )
    if verb == "show":
        made.add_argument("show", metavar=noun)
    else:
        made.add_argument("like", metavar="words", nargs="?", default=argparse.SUPPRESS)
        made.add_argument("--with-iso", action="store_true", default=argparse.SUPPRESS)
    return made


def arguments_of(made: Parser, tokens: list[str]) -> dict[str, Any]:
    """The values of `tokens`, as they are spoken; raises UserError."""
    _refuse_unknown(made, tokens)
    given = vars(made.parse_args(tokens))
    values = {name: spoken(value) for name, value in given.items()}
    if any(not part.strip() for value in values.values() for part in _parts(value)):
        made.error("a name is empty")
    return values


def check(
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
