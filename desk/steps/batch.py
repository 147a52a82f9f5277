"""Several commands of one request: a parent row that ends when its children have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk import keys
from desk.command import NOW, Command, Next
from desk.notice import Outcome
from desk.request import Request
from desk.steps.buttons import undo_of, words_of
from desk.steps.finish import finish, notice_of

if TYPE_CHECKING:
    from desk.desk import Desk

_LOOK_AGAIN = (
    30.0  # seconds; a child that ends wakes its parent, this is for lost wakes
)


def split(row: Command) -> Next:
    """Make a child of each part; the parent gives its turn away to them."""
    each = [row.arguments | part for part in row.memo.each]
    children = tuple(
        Request(
            key=keys.child(row.id, number),
            operation=row.operation,
            arguments=arguments,
            words=words_of(row.operation, arguments, _names(row)),
            person=row.person,
            place=row.place,
            reason=row.memo.reason,
            seen=row.memo.seen and row.memo.seen.of_a_part(),
        )
        for number, arguments in enumerate(each)
    )
    title = f"{row.words}: {len(children)} in all"
    running = notice_of(row, outcome=Outcome.RUNNING, title=title)
    return Next(
        "batch.1",
        due_in=_LOOK_AGAIN,
        changes={
            "outcome": Outcome.RUNNING,
            "started_at": NOW,
            "turn": None,
            "memo": row.remember(is_told=True),
        },
        notices=((row.place, running),),
        children=children,
    )


async def gather(desk: Desk, row: Command) -> Next:
    """End with the worst outcome of the children, or wait for the rest of them."""
    children = await desk.ledger.children(row.id)
    ended = [child for child in children if child.outcome.is_final]
    table = (("Command", "Outcome", "Id"), *(_line(child) for child in children))
    if len(ended) < len(children):
        progress = f"{len(ended)} of {len(children)} done"
        title = f"{row.words}: one after the other"
        running = notice_of(row, outcome=Outcome.RUNNING, title=title, table=table)
        running = running.model_copy(update={"progress": progress})
        return Next("batch.1", due_in=_LOOK_AGAIN, notices=((row.place, running),))
    return _ended(row, ended, table)


def _ended(
    row: Command, children: list[Command], table: tuple[tuple[str, ...], ...]
) -> Next:
    worst = max(children, key=lambda child: child.outcome.badness)
    succeeded = [it for it in children if it.outcome is Outcome.SUCCEEDED]
    title = f"{row.words}: {len(succeeded)} of {len(children)} succeeded"
    last = max(children, key=lambda child: child.finished_at or 0)
    undos = (undo_of(it, f"Undo {it.spoken['iso']}", vm=last.after) for it in succeeded)
    undone = tuple(filter(None, undos))
    return finish(
        row, worst.outcome, title, error=worst.error, table=table, buttons=undone
    )


def _names(row: Command) -> dict[str, str]:
    return row.memo.names | {row.resource_uuid or "": row.label}


def _line(child: Command) -> tuple[str, ...]:
    return (child.words, str(child.outcome), child.id)
