"""The card on which others decide: who asks, what for, and what was said so far."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from desk.called import by_name
from desk.command import Asking, Command, In, Next
from desk.effects import EFFECTS
from desk.notice import Notice, Outcome, Voice
from desk.seen import Seen
from desk.steps.buttons import choice_of, offer_of
from desk.steps.finish import card_of, copies_of, notice_of, voices_of

if TYPE_CHECKING:
    from desk.desk import Desk
    from desk.policy import Approval

_OTHERS = "Others find it with /zstack approvals too."


async def ask_others(
    desk: Desk, row: Command, terms: Approval, *, lines: tuple[str, ...] = ()
) -> Next:
    """Show the card with its two buttons, and give the turn away until it is decided."""
    whom = await by_name(desk, terms.whom, terms.ids)
    asking = Asking(question=secrets.token_hex(8), terms=terms, whom=whom)
    here = row.place.get("channel")
    memo = row.remember(
        copies=tuple(it for it in terms.channels if it != here),
        approval=asking,
        seen=row.before and Seen.of(row.before, row.memo.names),
        is_told=True,
    )
    until = row.claimed_at + terms.expires
    row = row.model_copy(update={"memo": memo, "deadline": until})
    offers = vote_offers(row, row.claimed_at)
    notice = drawn(row, lines=lines).model_copy(
        update={"choices": tuple(map(choice_of, offers))}
    )
    return Next(
        "approve.1",
        due_in=terms.expires,
        changes={
            "question": asking.question,
            "outcome": Outcome.ACCEPTED,
            "deadline": In(terms.expires),
            "turn": None,
            "memo": memo,
        },
        notices=((row.place, notice), *copies_of(row, notice, desk.room)),
        offers=offers,
    )


def vote_offers(row: Command, now: float) -> tuple[dict[str, Any], ...]:
    """The two buttons of a request that waits; whoever presses them is asked for."""
    asked = row.memo.approval
    return tuple(
        offer_of(
            row,
            "vote",
            verb.capitalize(),
            {
                "operation": verb,
                "arguments": {"command_id": row.id},
                "words": f"/zstack {verb} {row.id}",
                "style": style,
            },
            question=asked and asked.question,
            expires=(row.deadline or now) - now,
        )
        for verb, style in (("approve", "primary"), ("deny", "danger"))
    )


def drawn(row: Command, *, lines: tuple[str, ...] = (), **values: Any) -> Notice:
    """Who asks, what, on which VM in which state, what it does, why and until when."""
    until = datetime.fromtimestamp(row.deadline or 0, UTC)
    facts = (
        *lines,
        f"What it does: {row.asks.summary()}",
        f"Why: {row.memo.reason or 'the policy asks for no reason'}",
        f"Until {until:%H:%M} UTC. {_OTHERS}",
    )
    shown = {
        "title": f"Waits for approval: {what(row)}",
        "lines": facts,
        "card": card_of(row, row.before) if row.before else None,
        "voices": (*voices_of(row), *missing(row)),
    }
    return notice_of(row, **(shown | values))


def missing(row: Command) -> tuple[Voice, ...]:
    """How many have yet to approve, and who may; nothing when enough have."""
    asked = row.memo.approval
    if not asked or not asked.missing:
        return ()
    more = " more" if asked.by else ""
    people = "person has" if asked.missing == 1 else "people have"
    whom = asked.whom or asked.terms.whom
    may = f" Only {whom} may." if whom else ""
    return (Voice(said=f"{asked.missing}{more} {people} to approve.{may}"),)


def too_few(asked: Asking) -> Voice:
    """How many had yet to approve when time was up."""
    more = " more" if asked.by else ""
    people = "person" if asked.missing == 1 else "people"
    return Voice(said=f"{asked.missing}{more} {people} would have had to approve.")


def what(row: Command) -> str:
    """What is asked for, in words; of a batch all of it."""
    if row.memo.each:
        return f"{row.words}, {len(row.memo.each)} in all"
    return EFFECTS[row.asks].to_do.format(**row.spoken)
