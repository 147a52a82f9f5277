"""Asking other people: a card that says what is wanted, and counts what they say to it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from desk import approvals
from desk.called import by_name
from desk.command import Asking, Command, Next
from desk.notice import Outcome, Slot, Voice
from desk.permission import who_is
from desk.seen import Seen
from desk.steps.ballot import ask_others, drawn, too_few, vote_offers, what
from desk.steps.buttons import choice_of
from desk.steps.finish import copies_of, finish, voices_of
from desk.steps.question import ask, ask_to_prove

if TYPE_CHECKING:
    from desk.desk import Desk
    from desk.person import Person
    from desk.policy import Approval, Verdict

_AGAIN = "Send the command again when somebody is there to approve it."


async def approval(desk: Desk, row: Command, verdict: Verdict) -> Command | Next:
    """Ask others to approve `row`; the row itself when they have, or nobody has to.

    Whoever approved must still be one who may, and the VM as they saw it.
    """
    terms = verdict.approval
    if not terms or await _was_approved_whole(desk, row):
        return row
    if first := await _own_part(desk, row, terms):
        return first
    if row.memo.breaks_glass:
        return await _break_glass(desk, row)
    return await _others_part(desk, row, terms)


async def _was_approved_whole(desk: Desk, row: Command) -> bool:
    """Whether `row` is a part of a batch that others approved, or were passed over for.

    A policy that asks for it only since the batch was split asks for each part, and so does
    a VM that has moved on since.
    """
    if not row.parent:
        return False
    whole = (await desk.ledger.by_id(row.parent)).memo
    is_approved = whole.approval and not _moved(
        whole.seen and whole.seen.of_a_part(), row
    )
    return bool(is_approved) or whole.glass_broken


def _moved(seen: Seen | None, row: Command) -> tuple[str, ...]:
    """How the VM has changed since it was `seen`."""
    vm = row.before
    return seen.changes(Seen.of(vm, row.memo.names)) if seen and vm else ()


async def _own_part(desk: Desk, row: Command, terms: Approval) -> Next | None:
    """What the asker still has to do before others are asked."""
    if not row.memo.reason and (terms.reason or row.memo.breaks_glass):
        return _why(row)
    if "asker" in terms.proven_by and not row.memo.is_proven:
        return await ask_to_prove(desk, row, what(row))
    return None


async def _others_part(desk: Desk, row: Command, terms: Approval) -> Command | Next:
    asked = row.memo.approval
    if not asked:
        return await ask_others(desk, row, terms)
    said = await approvals.votes(desk.store, asked.question)
    if who := approvals.denied(said):
        return _denied(row, who)
    lines = await _undone(desk, row, terms, approvals.approved(said))
    return await ask_others(desk, row, terms, lines=lines) if lines else row


async def _break_glass(desk: Desk, row: Command) -> Command | Next:
    """Go ahead without the others, if the policy lets this person; a channel is told."""
    policy = desk.policy()
    glass = policy.break_glass
    if why := glass.objection(await who_is(desk, policy, row.person)):
        why = await by_name(desk, why, policy.ids)
        title = f"Not allowed: {row.words}"
        return finish(row, Outcome.REFUSED, title, lines=(why,))
    here = row.place.get("channel")
    copies = (glass.channel,) if glass.channel and glass.channel != here else ()
    memo = row.remember(glass_broken=True, copies=copies)
    return row.model_copy(update={"memo": memo})


async def _undone(
    desk: Desk, row: Command, terms: Approval, by: tuple[Person, ...]
) -> tuple[str, ...]:
    """Why what was approved does not count any more; nothing when it does."""
    asked = row.memo.approval
    if asked and "approver" in {*terms.proven_by} - {*asked.terms.proven_by}:
        return ("Whoever approves it has to prove who they are by now.",)
    if moved := _moved(row.memo.seen, row):
        return (f"{row.label} has changed since it was approved, so:", *moved)
    may = [it for it in by if not await approvals.objection(desk, row, it, terms)]
    if len(may) < terms.people:
        return ("Too few of those who approved it may do so now.",)
    return ()


def _why(row: Command) -> Next:
    title = f"Others have to approve “{row.words}”. Why is it needed?"
    hint, go_on = "They see it with your request.", "Ask for approval"
    if row.memo.breaks_glass:
        title = f"Why does “{row.words}” go ahead without the others?"
        hint, go_on = "They are told of it, and it is kept.", "Go ahead"
    answers: tuple[tuple[str, str, dict[str, Any]], ...] = (
        (go_on, "", {"typed": "reason", "style": "primary"}),
        ("Leave it", "", {"declined": True}),
    )
    return ask(row, title, answers, lines=(hint,), field="Reason")


async def wait_for_others(desk: Desk, row: Command) -> Next:
    """Count what was said: go on after enough, end after one no or when time is up."""
    asked = row.memo.approval
    if not asked:
        message = "it waits for an approval that was never asked for"
        raise ValueError(message)
    said = await approvals.votes(desk.store, asked.question)
    if who := approvals.denied(said):
        return _denied(row, who)
    by = approvals.approved(said)
    is_new = by != asked.by
    asked = asked.model_copy(update={"by": by})
    memo = row.remember(approval=asked)
    row = row.model_copy(update={"memo": memo})
    if len(by) >= asked.terms.people:
        return _approved(row)
    left = (row.deadline or row.claimed_at) - row.claimed_at
    if left <= 0:
        return _called(_expired(row, asked))
    offers = vote_offers(row, row.claimed_at)
    notice = drawn(row, choices=tuple(map(choice_of, offers)))
    return Next(
        "approve.1",
        due_in=left,
        changes={"memo": memo},
        notices=((row.place, notice), *copies_of(row, notice)) if is_new else (),
        offers=offers if is_new else (),
    )


def _approved(row: Command) -> Next:
    title = f"Approved: {what(row)}"
    notice = drawn(row, title=title, outcome=Outcome.RUNNING)
    step = Next(
        "decide.1",
        changes={"memo": row.memo, "question": None},
        notices=((row.place, notice), *copies_of(row, notice)),
    )
    return _called(step, outcome=Outcome.ACCEPTED)


def _denied(row: Command, who: Person) -> Next:
    title = f"Not approved: {what(row)}"
    voices = (*voices_of(row), Voice(person=who, said="said no"))
    hint = "Nothing was done. Talk to them before you send it again."
    return _called(finish(row, Outcome.REFUSED, title, next_step=hint, voices=voices))


def _expired(row: Command, asked: Asking) -> Next:
    title = f"Not approved in time: {what(row)}"
    voices = (*voices_of(row), too_few(asked))
    return finish(
        row,
        Outcome.EXPIRED,
        title,
        next_step=f"Nothing was done. {_AGAIN}",
        voices=voices,
    )


def _called(step: Next, **values: Any) -> Next:
    """Call the asker to what became of the card; the reply is never edited afterwards."""
    place, notice = step.notices[0]
    bare = {"slot": Slot.THREAD, "card": None, "choices": (), "lines": ()}
    call = notice.model_copy(update=bare | values)
    return replace(step, notices=(*step.notices, (place, call)))
