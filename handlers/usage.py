"""How commands are written, and what help says of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

import api.operations  # noqa: F401  # declares them
from api.operation import OPERATIONS, is_secret, resource_fields
from api.query import Query
from desk.history import Search
from handlers.tokens import spoken

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
        usage="[vm] [--by …|me|all] [--outcome …] [--since 12h]",
        example="history web-01 --since 7d",
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


_UNTYPED = {"system_tags", "user_tags"}  # for programs, not for people


_EXAMPLE = {
    "vm": "web-01",
    "iso": "ubuntu-24.04.iso",
    "host": "east-host-2",
    "user": "root",
}
_UUID = "4f6c9a1e0b2d4c7e8a9f0b1c2d3e4f50"  # what can only be named so
_CALLED = {"account": "user"}  # of a guest: an account is ZStack's


def errand_usage(name: str) -> str:
    """How an errand is written: `/zstack cancel <id>`."""
    return " ".join(filter(None, ("/zstack", name, ERRANDS[name].usage)))


def usage(operation: type[Operation[Any]]) -> str:
    """How it is written: `/detach-iso <vm> [iso]`."""
    if looks := looks_of(operation):
        return " or ".join(map(look_usage, looks))
    kinds = resource_fields(operation)
    parts = [operation.rest.shortcut or f"/zstack {operation.rest.command}"]
    for name, info in operation.model_fields.items():
        if name in kinds or (info.is_required() and is_typed(name, info)):
            shown = shown_as(kinds.get(name, name))
            parts.append(f"<{shown}>" if info.is_required() else f"[{shown}]")
        elif is_typed(name, info):
            choices = "|".join(choices_of(info)) or "…"
            parts.append(f"[{flag_of(name)} {choices}]")
    return " ".join(parts)


def example_of(operation: type[Operation[Any]]) -> str:
    """One line that fits: `/zstack vm start web-01`."""
    kinds = resource_fields(operation)
    fields = operation.model_fields.items()
    required = [n for n, info in fields if info.is_required() and is_typed(n, info)]
    values = (_EXAMPLE.get(shown_as(kinds.get(name, name)), _UUID) for name in required)
    start = operation.rest.shortcut or f"/zstack {operation.rest.command}"
    return " ".join((start, *values))


def looks_of(operation: type[Operation[Any]]) -> tuple[str, ...]:
    """The two ways to look at a resource: `vm list` and `vm show`."""
    noun = operation.rest.noun
    return (
        (f"{noun} list", f"{noun} show")
        if issubclass(operation, Query) and noun
        else ()
    )


def look_usage(command: str) -> str:
    """How looking is written: `/zstack vm show <vm>`."""
    noun, verb = command.split()
    return f"/zstack {command} " + (
        f"<{noun}>" if verb == "show" else "[words] [--with-iso]"
    )


def is_typed(name: str, info: FieldInfo) -> bool:
    """Whether people say it: what can be one thing only is for programs, and secrets."""
    is_said = name not in _UNTYPED and not is_secret(info)
    return is_said and len(choices_of(info)) != 1


def choices_of(info: FieldInfo) -> tuple[str, ...]:
    """The words that a field takes; empty when it takes any."""
    return get_args(info.annotation) if get_origin(info.annotation) is Literal else ()


def flag_of(name: str) -> str:
    """How a field is written as an option: `--host-uuid`."""
    return f"--{name.replace('_', '-')}"


def shown_as(kind: str) -> str:
    """What stands for a value in a usage: the last word of its kind."""
    word = kind.rsplit(maxsplit=1)[-1].replace("_", "-")
    return _CALLED.get(word, word)


def commands() -> list[type[Operation[Any]]]:
    """Every operation that people ask for, what they need most first.

    Those with a command of their own, then what is done to VMs, looking, and the rest.
    """

    def need(operation: type[Operation[Any]]) -> tuple[bool, bool, bool]:
        rest = operation.rest
        return not rest.shortcut, rest.noun != "vm", issubclass(operation, Query)

    return sorted((it for it in OPERATIONS.values() if it.rest.command), key=need)


def _is_about_vms(operation: type[Operation[Any]]) -> bool:
    kinds = resource_fields(operation).values()
    return "vm" in kinds or operation.rest.noun == "vm"


def heads_of(operation: type[Operation[Any]]) -> tuple[str, ...]:
    """The words that may begin it: a shortcut without its slash, noun and verb."""
    rest = operation.rest
    written = looks_of(operation) or (rest.shortcut, rest.command)
    return tuple(head.lstrip("/") for head in written if head)


def help_text(words: list[str]) -> str:
    """What can be said, or about the command that `words` begin, or what has them in it."""
    lines = _help_lines()
    wanted = [word.casefold() for word in words]
    begun = [
        line
        for heads, line in lines
        if any(wanted[: len(head.split())] == head.split() for head in heads)
    ]
    found = begun or [
        line for _, line in lines if all(word in line.casefold() for word in wanted)
    ]
    if not found:
        return f"Nothing is called “{spoken(' '.join(words))}”. /zstack help lists everything."
    note = (
        "A VM is named by uuid, exact name or IP address; quote names with spaces. "
        '--reason "…" behind what changes something tells those who approve it why; --break-glass goes ahead '
        "without them, where the policy lets you, and a channel is told."
    )
    return "\n".join([*found, note])


def _help_lines() -> list[tuple[tuple[str, ...], str]]:
    """Every line with what may begin it; what names no VM stands last."""
    asked = {it: (heads_of(it), f"{usage(it)} – {it.summary()}") for it in commands()}
    vms = [line for it, line in asked.items() if _is_about_vms(it)]
    others = [line for it, line in asked.items() if not _is_about_vms(it)]
    errands = [
        ((name,), f"{errand_usage(name)} – {it.said}") for name, it in ERRANDS.items()
    ]
    return [*vms, *errands, *others]
