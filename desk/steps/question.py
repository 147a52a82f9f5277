"""Asking the person: a picker, a yes or no, a log-in; fifteen minutes to answer."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from api.operation import secret_fields
from desk.command import Command, Next
from desk.errors import UserError
from desk.notice import Notice, Outcome, Slot
from desk.person import SERVICE
from desk.rows import digest
from desk.steps.buttons import choice_of, offer_of
from desk.steps.finish import finish, freed, notice_of

if TYPE_CHECKING:
    from desk.desk import Desk

WAIT = 900.0  # seconds until a question expires (contract.md)
AT_MOST = 100  # options in a picker (platform.md §2)
TICKET = 600.0  # seconds that a login link lives
_LINK = (
    "The link opens a page of this bot; it works once and for 10 minutes. "
    "Do not pass it on."
)
_ANSWER = "an answer to a question, which only its asker sees"
_WHAT = {"login": "log-in", "secret": "page"}
_CONNECT = "Connect your ZStack account"
_AGAIN = "Nothing was done. Send the command again when you are ready."
_PROOF = "Prove that it is you"
_PROVE = (
    "“{}” needs a second proof, beside your Slack account: log in to ZStack once more, with "
    "the same account."
)
_PROVE_AT_ONCE = (
    "“{}” needs a second proof, beside your Slack account: this log-in to ZStack is it."
)
_NOBODY = (
    "Nobody can answer that under the bot's own access key, so nothing was done. Name it by "
    "its uuid, or name a “person” who is asked."
)
_NO_PAGE = (
    "Nobody can type a secret under the bot's own access key, so nothing was done. Name a "
    "“person” who is asked."
)
_RUN_AGAIN = "Nothing was done. Run the workflow again when somebody can answer."


def ask(
    row: Command,
    title: str,
    answers: tuple[tuple[str, str, dict[str, Any]], ...],
    *,
    pick: bool = False,
    slot: Slot = Slot.PRIVATE,
    lines: tuple[str, ...] = (),
    field: str = "",
    changes: dict[str, Any] | None = None,
) -> Next:
    """Ask `row.person` to press one of `answers`: label, detail, what it means."""
    if row.person == SERVICE:
        return finish(row, Outcome.REFUSED, title, next_step=_NOBODY)
    question = secrets.token_hex(8)
    # The card of a request that others decide says by itself where it stands.
    is_aside = slot == Slot.PRIVATE and not row.memo.approval
    offers = tuple(
        offer_of(
            row, "answer", label, payload, question=question, person_key=row.person.key
        )
        for label, _, payload in answers
    )
    choices = tuple(
        choice_of(offer, detail=detail)
        for offer, (_, detail, _) in zip(offers, answers, strict=True)
    )
    notice = notice_of(
        row,
        slot=slot,
        title=title,
        lines=lines,
        choices=choices,
        pick=pick,
        field=field,
    )
    return Next(
        "ask.1",
        due_in=WAIT,
        changes={"question": question, "turn": None} | (changes or {}),
        notices=((row.place, notice), *_waits(row, _ANSWER if is_aside else "")),
        offers=offers,
    )


def _waits(row: Command, what: str) -> tuple[tuple[dict[str, Any], Notice], ...]:
    """What everybody reads meanwhile who has read before that it goes on."""
    if not what or not row.memo.is_told:
        return ()
    title = f"{row.words}: waiting for {what}"
    return ((row.place, notice_of(row, outcome=Outcome.RUNNING, title=title)),)


def logged_in(row: Command) -> Next:
    """How a row goes on that waited for a log-in."""
    memo = row.remember(
        confirmed=row.memo.confirmed or row.operation == "login",
        is_proven=row.memo.is_proven or bool(row.memo.to_prove),
        to_prove=None,
    )
    return Next(row.memo.resume, changes={"memo": memo, "question": None})


async def ask_to_prove(desk: Desk, row: Command, what: str) -> Next:
    """Park `row` until its person has logged in once more, on a page that says `what`.

    Who has only their Slack account does not know the password. Who had no session logs in
    only this once: it would be the same account twice.
    """
    wary = row.model_copy(update={"memo": row.remember(to_prove=what)})
    why = _PROVE if await desk.sessions.get(row.person) else _PROVE_AT_ONCE
    return await ask_to_log_in(desk, wary, why.format(what))


async def unanswered(desk: Desk, row: Command) -> Next:
    """End a row whose question nobody answered in time."""
    is_enough = row.question == "login" and not row.memo.to_prove
    if is_enough and await desk.sessions.get(row.person):
        return logged_in(row)  # the log-in came while nobody looked
    what = _WHAT.get(row.question or "", "question")
    title = f"The {what} for “{row.words}” was not answered in 15 minutes"
    if row.sent_at:
        return finish(row, Outcome.UNKNOWN, title, next_step=_look(row))
    again = _RUN_AGAIN if row.memo.workflow else _AGAIN
    return freed(row, finish(row, Outcome.EXPIRED, title, next_step=again))


async def declined(desk: Desk, row: Command) -> Next:
    """End a row whose question was answered with no, or that was cancelled."""
    if row.memo.gave_way:
        name, _ = await desk.directory.names(row.memo.gave_way)
        title = f"{name} went ahead while “{row.words}” waited for you"
        return finish(row, Outcome.REFUSED, title)
    said = "cancelled" if row.memo.is_cancelled else "said no to"
    who = (await desk.directory.names(row.person))[0] if row.memo.workflow else "You"
    title = f"{who} {said} “{row.words}”, so nothing was done"
    return finish(row, Outcome.REFUSED, title)


def _look(row: Command) -> str:
    return f"It was sent to ZStack before. Look at {row.label} before sending it again."


def _page_of(row: Command) -> str:
    """What its person is asked to do on the page."""
    if row.memo.to_prove:
        return _PROOF
    return f"Connect your account of {row.cloud}" if row.cloud else _CONNECT


async def ask_to_log_in(desk: Desk, row: Command, why: str = "") -> Next:
    """Park `row` and send its person a one-time link to the login page, and `why`."""
    link, ticket = await _page(desk, row, "login")
    then = "" if row.operation == "login" else f"Then “{row.words}” goes on by itself."
    notice = notice_of(
        row,
        slot=Slot.PRIVATE,
        title=_page_of(row),
        lines=tuple(filter(None, (why, _LINK, then))),
        link=("Log in to ZStack", link),
    )
    # What was sent is found out about first: it may have run while nobody was there.
    resume = "sent.1" if row.sent_at else "decide.1"
    leaves = {} if row.sent_at else {"turn": None}
    return Next(
        "login.1",
        due_in=WAIT,
        changes={"question": "login", "memo": row.remember(resume=resume)} | leaves,
        notices=((row.place, notice), *_waits(row, "a new log-in")),
        tickets=(ticket,),
    )


async def ask_for_secret(desk: Desk, row: Command) -> Next:
    """Park `row` and send its person a one-time link to the page that takes its secrets."""
    if row.person == SERVICE:
        raise UserError(_NO_PAGE)
    link, ticket = await _page(desk, row, "secret")
    what = " and the ".join(it.replace("_", " ") for it in secret_fields(row.asks))
    then = f"Then “{row.words}” on {row.label} goes on by itself."
    notice = notice_of(
        row,
        slot=Slot.PRIVATE,
        title=f"Type the {what} on a page that only you open",
        lines=(_LINK, then),
        link=(f"Type the {what}", link),
    )
    return Next(
        "login.1",
        due_in=WAIT,
        changes={"question": "secret", "turn": None},
        notices=((row.place, notice),),
        tickets=(ticket,),
    )


async def _page(desk: Desk, row: Command, kind: str) -> tuple[str, dict[str, Any]]:
    """The address of a one-time page for the person of `row`, and its ticket."""
    ticket = secrets.token_urlsafe(32)
    name, workspace = await desk.directory.names(row.person)
    values = {
        "digest": digest(ticket),
        "kind": kind,
        "person": row.person.model_dump(),
        "person_name": name,
        "workspace": workspace,
        "command_id": row.id,
        "place": desk.vault.seal(digest(ticket), row.place),
        "expires": TICKET,
    }
    return f"{desk.public_url}/login/{ticket}", values
