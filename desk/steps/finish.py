"""How a command ends: its outcome, what is told, what can be pressed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from api.operation import OPERATIONS, Operation
from desk import keys
from desk.advice import advice, without_retry
from desk.command import Command, Next
from desk.effects import EFFECTS, drive_changes
from desk.ledger import LAST_STEP
from desk.notice import Card, Notice, Outcome, Slot, Voice
from desk.steps.buttons import choice_of, standing_offers
from desk.steps.cautions import obstacle, wrong_state

if TYPE_CHECKING:
    from collections.abc import Callable

    from api.models import ErrorCode, VmInstance
    from desk.person import Place

_LONG = 30.0  # seconds after which the asker is called back to the message


def finish(
    row: Command,
    outcome: Outcome,
    title: str,
    *,
    lines: tuple[str, ...] = (),
    next_step: str | None = None,
    error: ErrorCode | None = None,
    after: VmInstance | None = None,
    buttons: tuple[dict[str, Any], ...] = (),
    **said: Any,
) -> Next:
    """End `row`. Refusals and what nothing came of are told to the asker alone."""
    offers = (*buttons, *standing_offers(row, outcome, after, error))
    offers = tuple(_known_to_card(row, offer) for offer in offers)
    values = {
        "outcome": outcome,
        "lines": lines,
        "next_step": next_step or (_advice(row, error, after) if error else None),
        "error": error,
        "card": card_of(row, after) if after else None,
        "seconds": row.claimed_at - row.started_at if row.started_at else None,
        "choices": tuple(choice_of(offer) for offer in offers),
    }
    notice = notice_of(row, title=title, **(values | said))
    return Next(
        LAST_STEP,
        due_in=None,
        changes={"outcome": outcome, "after": after, "error": error, "question": None},
        notices=(
            *((row.place, one) for one in _told(row, notice)),
            *(() if is_secret(row) else copies_of(row, notice)),
        ),
        offers=offers,
        said=title if is_secret(row) else " ".join((title, *lines)),
    )


def is_secret(row: Command) -> bool:
    """Whether only whoever asked may see what ZStack answers."""
    asked = OPERATIONS.get(row.operation)
    return asked is not None and asked.rest.secret


def _known_to_card(row: Command, offer: dict[str, Any]) -> dict[str, Any]:
    """Let the card of an alert tell what is pressed below it too."""
    alert = row.place.get("alert")
    return offer | {"payload": offer["payload"] | ({"card": alert} if alert else {})}


def freed(row: Command, step: Next) -> Next:
    """End `row` so that somebody else may press the button that it came from.

    Who may not, or did not log in, must not use it up for those who may.
    """
    if row.sent_at:
        return step
    return replace(step, changes=step.changes | keys.free(row.id, row.key))


def _advice(row: Command, error: ErrorCode, vm: VmInstance | None) -> str:
    asked = OPERATIONS.get(row.operation, Operation)
    effect = EFFECTS.get(asked)
    if not effect:
        return without_retry(advice(error))
    said = advice(
        error,
        states=effect.when,
        wrong_state=wrong_state(asked, vm, row.label) if vm else None,
        obstacle=obstacle(asked, vm, row.label) if vm else None,
    )
    return without_retry(said) if row.memo.each else said


def _told(row: Command, notice: Notice) -> tuple[Notice, ...]:
    if row.parent:
        return ()
    if not row.memo.workflow:
        return _said(row, notice)
    # Whom a workflow names hears only of what they were asked to run.
    said = _said(row, notice) if row.memo.is_told else ()
    hidden = {"lines": ()} if is_secret(row) else {}
    step = {"slot": Slot.STEP, "choices": ()} | hidden
    return (*said, notice.model_copy(update=step))


def _said(row: Command, notice: Notice) -> tuple[Notice, ...]:
    errand = row.operation not in OPERATIONS
    private = notice.outcome.is_private or errand or is_secret(row)
    if private and not row.memo.is_told:
        return (notice.model_copy(update={"slot": Slot.PRIVATE}),)
    if (notice.seconds or 0) < _LONG and not notice.outcome.is_bad:
        return (notice,)
    call = notice_of(
        row, slot=Slot.THREAD, outcome=notice.outcome, title=notice.title
    ).model_copy(update={"next_step": notice.next_step})
    return (notice, call)


def notice_of(row: Command, *, title: str, **values: Any) -> Notice:
    """A notice about `row`, an ANSWER unless `slot` says otherwise."""
    known = {
        "slot": Slot.ANSWER,
        "command_id": row.id,
        "operation": row.operation,
        "summary": row.words,
        "outcome": row.outcome,
        "resource_uuid": row.resource_uuid,
        "asker": row.person,
        "voices": voices_of(row),
    }
    return Notice(**(known | values), title=title)


def copies_of(
    row: Command, notice: Notice, room: Callable[[str], Place] = lambda _: {}
) -> tuple[tuple[Place, Notice], ...]:
    """The same for the other channels that are told; `room` is where a first one goes."""
    return tuple(
        (
            room(channel),
            notice.model_copy(update={"slot": Slot.COPY, "copy_in": channel}),
        )
        for channel in row.memo.copies
    )


def voices_of(row: Command) -> tuple[Voice, ...]:
    """Who has approved of `row` so far, or that nobody was asked."""
    if row.memo.glass_broken:
        return (Voice(person=row.person, said=f"broke the glass: {row.memo.reason}"),)
    asked = row.memo.approval
    return tuple(
        Voice(person=it, said="approved") for it in (asked.by if asked else ())
    )


def card_of(row: Command, after: VmInstance) -> Card:
    """The VM as it is now, with what changed since before."""
    before = row.before or after
    return Card(
        vm=after,
        state_before=before.state,
        names=row.memo.names,
        owner=row.memo.owner,
        drives=drive_changes(before, after),
    )
