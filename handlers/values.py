"""What other programs write on their buttons: `vm.reboot uuid=…`, as a line of the grammar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic.alias_generators import to_camel

from api.operation import resource_fields, subject
from desk.errors import UserError
from desk.policy.alerts import changing
from handlers.grammar import Words, understand
from handlers.tokens import tokens as split

if TYPE_CHECKING:
    from api.operation import Operation

_CLOUD = "cloud"
_NOT_OURS = (
    "This button does not say a command of this bot. Its text should be like "
    "“vm.reboot uuid=…”: ask whoever wrote the alert to mend it."
)


_TWICE = "This button says one thing twice, so it is not clear what it means. Nothing was done."


def parse_value(value: str) -> Words:
    """Understand what a button says; raises UserError with a sentence.

    The words come from labels of alerts, so nothing in them is trusted: they are a request
    like typed ones.
    """
    head, *rest = split(value) or [""]
    operation = _operation(head.replace(".", " ", 1))
    named = [word.partition("=")[::2] for word in rest if "=" in word]
    given = {_field(operation, name): text for name, text in named}
    if len(given) < len(named):
        raise UserError(_TWICE)
    placed = [word for word in rest if "=" not in word]
    understood = understand(_line(operation, given, placed))
    if not isinstance(understood, Words):  # pragma: no cover  # help has no such words
        raise UserError(_NOT_OURS)
    return understood


def _operation(command: str) -> type[Operation[Any]]:
    operation = changing(command)
    if not operation:
        raise UserError(_NOT_OURS)
    return operation


def _field(operation: type[Operation[Any]], name: str) -> str:
    """The field that a name means: its own, ZStack's, or what it is in plain words."""
    main, _ = subject(operation)
    known = {_CLOUD: _CLOUD, "uuid": main} | {
        kind.split()[-1]: field for field, kind in resource_fields(operation).items()
    }
    for field in operation.model_fields:
        known |= {field: field, to_camel(field): field}
    if name not in known:
        command = operation.rest.command
        message = f"“{command}” takes nothing called “{name}”, so nothing was done."
        raise UserError(message)
    return known[name]


def _line(
    operation: type[Operation[Any]], given: dict[str, str], placed: list[str]
) -> list[str]:
    kinds = resource_fields(operation)
    flags, places = [], []
    for name, field in operation.model_fields.items():
        if name not in given:
            continue
        if name in kinds or field.is_required():
            places.append(given[name])
        else:
            flags.append(f"--{name.replace('_', '-')}={given[name]}")
    if _CLOUD in given:  # the last, so that nothing is taken for a name that is missing
        flags.append(f"--{_CLOUD}={given[_CLOUD]}")
    return [*(operation.rest.command or "").split(), *flags, "--", *places, *placed]
