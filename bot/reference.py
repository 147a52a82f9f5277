"""`docs/operations.md`, written from the declarations: `python -m bot.reference`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from api.operation import OPERATIONS, Risk
from desk.policy import Effect, Policy
from handlers.usage import ERRANDS, commands, errand_usage, usage

if TYPE_CHECKING:
    from api.operation import Operation, Rest

_CONSENT = {
    Effect.ALLOW: "none",
    Effect.CONFIRM: "confirm",
    Effect.APPROVE: "second person",
}
_HEAD = """\
# Operations

Written by `python -m bot.reference` from the declarations in `api/operations/`; a test
fails when it is stale. Every operation also takes `system_tags` and `user_tags`.
"""


def reference() -> str:
    """Write the page: what people can say, then every API that the bot uses."""
    silent = [it for it in OPERATIONS.values() if not it.rest.command]
    parts = [
        _HEAD,
        "## What people can say\n",
        *map(_section, commands()),
        "### About the bot itself\n",
        _table(("words", "what it does"), map(_errand, ERRANDS)),
        "## What the bot asks by itself\n",
        _table(("API", "request", "what it does"), map(_line, silent)),
    ]
    return "\n".join(parts)


def _section(operation: type[Operation[Any]]) -> str:
    rest = operation.rest
    fields = [
        (f"`{name}`", str(info.description), "yes" if info.is_required() else "no")
        for name, info in operation.model_fields.items()
        if name not in {"system_tags", "user_tags"}
    ]
    facts = [
        ("words", _words(operation)),
        ("request", _request(operation)),
        (
            "risk",
            f"{rest.risk}; consent before it runs: {_CONSENT[Policy().risks.of(rest.risk).effect]}",
        ),
        ("may be sent twice", "yes" if _may_repeat(rest) else "no"),
    ]
    lines = (operation.__doc__ or "").strip().splitlines()
    said = "\n".join(line.strip() for line in lines)
    return "\n".join(
        (
            f"### {operation.__name__}\n",
            f"{said}\n",
            _table(("", ""), facts),
            _table(("field", "what it is", "required"), fields),
        )
    )


def _words(operation: type[Operation[Any]]) -> str:
    also = f" or `/zstack {operation.rest.command} …`"
    return f"`{usage(operation)}`" + (also if operation.rest.shortcut else "")


def _may_repeat(rest: Rest) -> bool:
    return rest.repeatable or rest.risk is Risk.READ


def _errand(name: str) -> tuple[str, str]:
    return f"`{errand_usage(name)}`".replace("|", "\\|"), ERRANDS[name].said


def _line(operation: type[Operation[Any]]) -> tuple[str, str, str]:
    return f"`{operation.__name__}`", _request(operation), operation.summary()


def _request(operation: type[Operation[Any]]) -> str:
    return f"`{operation.rest.method} /v1{operation.rest.path}`"


def _table(heading: tuple[str, ...], rows: Any) -> str:
    lines = [heading, tuple("---" for _ in heading), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(reference())
