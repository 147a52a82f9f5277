"""Buttons: opaque, expiring, asked again at the click. No click is ignored in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from desk import keys, tables
from desk.alerts.ended import fires
from desk.command import Next
from desk.ledger import AT_A_PERSON
from desk.notice import Notice, Outcome, Slot, Voice
from desk.patience import promptly
from desk.request import Request
from desk.seen import Seen
from desk.steps.finish import notice_of

if TYPE_CHECKING:
    from desk.command import Command
    from desk.desk import Desk
    from desk.person import Person, Place

_offers = tables.offer
_GONE = "This button has expired, so nothing was done. Send the command again."
_LONGEST = 500  # characters of what is typed above a button
_NOT_YOURS = "Only the person who was asked can answer this. Nothing was done."


@promptly
async def click(
    desk: Desk,
    offer_id: str,
    *,
    person: Person,
    place: Place,
    trigger: str,
    text: str = "",
) -> None:
    """Record what a click means; `trigger` tells one click from the next.

    `text` is what was typed above the button.

    Returns after the commit. Raises StoreUnavailable, or NotConfirmed.
    """
    offer = await _find(desk, offer_id)
    if not offer or offer["expires"] < offer["now"]:
        await _say(desk, place, person, _GONE, command_id=offer and offer["command_id"])
    elif offer["person_key"] not in {None, person.key}:
        await _say(desk, place, person, _NOT_YOURS, command_id=offer["command_id"])
    elif offer["kind"] == "answer":
        await _answer(desk, offer, person, place, text.strip())
    else:
        await _start(desk, offer, person, place, trigger)


async def _find(desk: Desk, offer_id: str) -> Any:
    query = select(_offers, desk.store.now().label("now"))
    async with desk.store.read() as connection:
        found = await connection.execute(query.where(_offers.c.id == offer_id))
        return found.mappings().first()


async def _answer(
    desk: Desk, offer: Any, person: Person, place: Place, text: str
) -> None:
    """Let the waiting row go on with the answer; of two answers the first counts."""
    row = await desk.ledger.by_id(offer["command_id"])
    if row.step != "ask.1" or row.question != offer["question"]:
        await _say(desk, place, person, _settled(row), command_id=row.id)
        return
    typed = offer["payload"].get("typed")
    if typed and not text:
        sentence = f"Write the {typed} first, then press “{offer['label']}” again."
        await _say(desk, place, person, sentence, command_id=row.id)
        return
    said = notice_of(
        row,
        slot=Slot(offer["payload"].get("slot", Slot.PRIVATE)),
        title=f"You chose: {offer['label']}",
        lines=(f"For {row.words}",),
    )
    async with desk.store.write(desk.store.work, desk.store.mail) as connection:
        # Sent back to the start: permission and session are asked again at the click.
        went_on = await desk.ledger.resume(
            connection,
            row,
            _meaning(row, offer["payload"], text),
            place=_way_back(place),
        )
        if went_on:
            await desk.outbox.put(connection, place | {"replace": True}, said)
    if not went_on:
        row = await desk.ledger.by_id(row.id)
        await _say(desk, place, person, _settled(row), command_id=row.id)


def _meaning(row: Command, payload: dict[str, Any], text: str) -> Next:
    if payload.get("declined"):
        return Next("declined.1")
    typed = {payload["typed"]: text[:_LONGEST]} if "typed" in payload else {}
    confirmed = row.memo.confirmed or bool(payload.get("confirmed"))
    chooses = bool(payload.get("arguments") or payload.get("each"))
    return Next(
        "decide.1",
        changes={
            "arguments": row.arguments | payload.get("arguments", {}),
            "memo": row.remember(
                confirmed=confirmed,
                each=tuple(payload.get("each", row.memo.each)),
                is_agreed=row.memo.is_agreed or bool(payload.get("agreed")),
                # The page that proved it said nothing of what is chosen now.
                is_proven=row.memo.is_proven and not chooses,
                **typed,
                **_seen(payload),
            ),
        },
    )


def _seen(payload: dict[str, Any]) -> dict[str, Seen]:
    """The VM as it was when the button was made, when that is known."""
    seen = payload.get("seen")
    return {"seen": Seen.model_validate(seen)} if seen else {}


def _way_back(place: Place) -> Place:
    """What of the click's place is worth keeping: a fresher way to answer privately."""
    return {name: place[name] for name in ("response_url", "at") if name in place}


async def _start(
    desk: Desk, offer: Any, person: Person, place: Place, trigger: str
) -> None:
    """Make a command of the click; a second press finds the first one's row."""
    payload = offer["payload"]
    shows = offer["kind"] == "show"
    about = {"question": offer["question"]} if offer["kind"] == "vote" else {}
    if alert := payload.get("alert"):
        place = place | {"below": True, "alert": alert}
    if card := payload.get("card"):  # of an alert, whose thread the button stands in
        place = place | {"alert": card}
    request = Request(
        key=_key(offer, person, trigger),
        operation=payload["operation"],
        arguments=payload["arguments"] | about,
        words=payload["words"],
        person=person,
        place=place,
        reason=payload.get("reason"),
        **_seen(payload),
        doubt=await _doubt(desk, payload),
        cloud=payload.get("cloud") or await desk.ledger.cloud_of(offer["command_id"]),
    )
    row, is_new = await desk.ledger.accept(request)
    if not is_new and row.person != person and await _gives_way(desk, row, person):
        row, is_new = await desk.ledger.accept(request)
    if not is_new and not shows:
        first = None if row.person == person else row.person
        await _say(desk, place, person, _settled(row), command_id=row.id, first=first)


async def _gives_way(desk: Desk, row: Command, person: Person) -> bool:
    """Whether it waits for whoever was first: they keep nobody waiting."""
    waits = row.key.startswith("offer:") and row.step in AT_A_PERSON
    return waits and await desk.ledger.cancel(row, by=person)


async def _doubt(desk: Desk, payload: dict[str, Any]) -> str:
    """Why to ask first: what the button itself says, or that its alert is over."""
    if (alert := payload.get("alert")) and not await fires(desk.store, alert):
        return "The alert has been resolved meanwhile."
    return str(payload.get("doubt", ""))


def _key(offer: Any, person: Person, trigger: str) -> str:
    match offer["kind"]:
        case "show":
            return keys.look(offer["id"], trigger)
        case "vote":
            return keys.approval(offer["question"], person)
        case _:
            return keys.click(offer["id"])


def _settled(row: Command) -> str:
    if row.key.startswith("approval:"):
        return _said_before(row)
    if row.outcome.is_final:
        return f"This was pressed before: “{row.words}” {_ENDED[row.outcome]}."
    return f"This was pressed before: “{row.words}” is on its way."


def _said_before(row: Command) -> str:
    if row.step == "login.1":
        return (
            "Your word counts when you have logged in: follow the link that you got, or "
            f"take it back with /zstack cancel {row.id}."
        )
    return "You have said so before: one word each is counted."


_ENDED = {
    Outcome.SUCCEEDED: "has succeeded",
    Outcome.UNCHANGED: "changed nothing",
    Outcome.FAILED: "has failed",
    Outcome.REFUSED: "was refused",
    Outcome.EXPIRED: "has expired",
    Outcome.UNKNOWN: "ended without an answer from ZStack",
}


async def _say(
    desk: Desk,
    place: Place,
    person: Person,
    text: str,
    *,
    command_id: str | None,
    first: Person | None = None,
) -> None:
    notice = Notice(
        slot=Slot.PRIVATE,
        command_id=command_id or "",
        title=text,
        asker=person,
        # Mentioned: to ask Slack for a name would keep the click waiting.
        voices=(Voice(person=first, said="was first"),) if first else (),
    )
    await desk.outbox.tell(place, notice)
