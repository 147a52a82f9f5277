"""What can be pressed: rows of offers, and what is shown of them."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from api.operation import OPERATIONS, Operation, resource_fields
from desk.advice import may_retry
from desk.effects import EFFECTS
from desk.notice import Choice, Outcome
from desk.seen import Seen

if TYPE_CHECKING:
    from api.models import ErrorCode, VmInstance
    from desk.alerts.group import Group
    from desk.command import Command

OFFERED = 900.0  # seconds that a button can be pressed


_LOOKS = {"show", "like"}


def offer_of(  # a row of a table, written in its order
    row: Command | Group,
    kind: str,
    label: str,
    payload: dict[str, Any],
    **values: Any,
) -> dict[str, Any]:
    """A button: what pressing it does, kept by us. `expires` is in seconds."""
    return {
        "id": secrets.token_urlsafe(18),
        "command_id": row.id,
        "kind": kind,
        "question": None,
        "label": label,
        "payload": payload,
        "person_key": None,
        "expires": OFFERED,
    } | values


def choice_of(offer: dict[str, Any], *, detail: str = "", style: str = "") -> Choice:
    """What is shown of an offer."""
    style = style or str(offer["payload"].get("style", ""))
    return Choice.model_validate(
        {
            "label": offer["label"],
            "offer": offer["id"],
            "detail": detail,
            "style": style,
        }
    )


def standing_offers(
    row: Command,
    outcome: Outcome,
    after: VmInstance | None,
    error: ErrorCode | None,
) -> tuple[dict[str, Any], ...]:
    """What can be pressed below an answer: Undo, Retry, Details, the command line."""
    if row.operation not in OPERATIONS or outcome.is_private or row.memo.each:
        return ()
    if row.asks not in EFFECTS:
        return ()
    offers = []
    if outcome is Outcome.SUCCEEDED and (undo := undo_of(row, vm=after)):
        offers.append(undo)
    if outcome.is_bad and (not error or may_retry(error)):
        offers.append(start_of(row, "Retry", row.asks, row.arguments, vm=after))
    if after or row.before:
        offers.append(_show(row, "Details", "details"))
    if row.job_uuid or row.before:
        offers.append(_show(row, "Command line", "curl"))
    return tuple(offers)


def undo_of(
    row: Command, label: str = "Undo", *, vm: VmInstance | None
) -> dict[str, Any] | None:
    """A button that brings back what was before `row`, if anything does."""
    undo = EFFECTS[row.asks].inverse(row.to_operation(), row.before)
    return start_of(row, label, type(undo), undo.model_dump(), vm=vm) if undo else None


def start_of(
    row: Command,
    label: str,
    operation: type[Operation[Any]],
    arguments: dict[str, Any],
    *,
    vm: VmInstance | None,
) -> dict[str, Any]:
    """A button that starts an operation, as long as the VM is as `vm` shows it."""
    given = {name: value for name, value in arguments.items() if value}
    names = row.memo.names | {row.resource_uuid or "": row.label}
    payload = {
        "operation": operation.__name__,
        "arguments": given,
        "words": words_of(operation.__name__, given, names),
    }
    if operation is row.asks and row.memo.reason:
        payload["reason"] = row.memo.reason
    return offer_of(row, "start", label, payload | seen_of(vm, names))


def seen_of(vm: VmInstance | None, names: dict[str, str]) -> dict[str, Any]:
    """What binds an offer to a VM as it is now: to be joined to its payload.

    Pressed when the VM has moved on, it asks anew instead of running.
    """
    return {"seen": Seen.of(vm, names).model_dump(mode="json")} if vm else {}


def words_of(
    operation: str, arguments: dict[str, Any], names: dict[str, str] | None = None
) -> str:
    """The words that ask for `operation`, with the names of things in place of uuids."""
    asked = OPERATIONS[operation]
    rest, placed = asked.rest, _LOOKS | resource_fields(asked).keys()
    placed |= {it for it, info in asked.model_fields.items() if info.is_required()}
    start = rest.shortcut or f"/zstack {rest.command}"
    if "show" in arguments:
        start = f"/zstack {rest.noun} show"
    spoken = [start]
    for field, value in arguments.items():
        if field not in placed:
            spoken.append(f"--{field.replace('_', '-')}")
        if value is not True:
            spoken.append(_quoted((names or {}).get(value, str(value))))
    return " ".join(spoken)


def _show(row: Command, label: str, part: str) -> dict[str, Any]:
    payload = {
        "operation": "show",
        "arguments": {"command_id": row.id, "part": part},
        "words": label.lower(),
    }
    return offer_of(row, "show", label, payload, expires=86_400.0)


def _quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name
