"""The state machine of a command: every step, what may follow it, what a crash leaves.

`docs/ledger.md` is drawn from it, the runner refuses a way that is not in it, and the
crash tests find in it where to kill.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desk.ledger import FIRST_STEP, LAST_STEP
from desk.steps.approve import wait_for_others
from desk.steps.batch import gather
from desk.steps.decide import decide
from desk.steps.follow import follow
from desk.steps.picture import picture
from desk.steps.question import declined, unanswered
from desk.steps.read import read
from desk.steps.resolve import resolve
from desk.steps.send import find_out, send
from desk.steps.turn import take_turn
from desk.steps.verify import verify

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from desk.command import Command, Next
    from desk.desk import Desk

    Run = Callable[[Desk, Command], Awaitable[Next | None]]


@dataclass(frozen=True)
class Step:
    """One step: what carries it out, the steps that may follow and when they do.

    `crash` says what a crash between taking the step up and its commit leaves; `by_a_person`
    are the ways that a click or a log-in opens and the step itself does not take.
    """

    run: Run
    crash: str
    leads_to: dict[str, str]
    by_a_person: dict[str, str]

    @property
    def ways(self) -> dict[str, str]:
        """Every step that may follow, and when."""
        return self.leads_to | self.by_a_person


_AGAIN = "Nothing was asked of ZStack but reads; the step is taken again."
_WAITS = "The row still waits, until the same moment."
_NO_SESSION = {"login.1": "no session"}
_ENDS = {LAST_STEP: "failed, refused, or our fault"}
_CANCEL = {"declined.1": "cancelled"}


def _step(
    run: Run,
    crash: str,
    leads_to: dict[str, str],
    by_a_person: dict[str, str] | None = None,
) -> Step:
    return Step(run, crash, _ENDS | leads_to, by_a_person or {})


STEPS: dict[str, Step] = {
    FIRST_STEP: _step(
        decide,
        _AGAIN,
        _NO_SESSION
        | {
            "resolve.1": "allowed, with a session",
            "read.1": "it only looks",
            "ask.1": "a workflow asks: its person has to press Run; or a silence needs a yes",
            FIRST_STEP: "a workflow asks, and may run under the service key",
            LAST_STEP: "not allowed, or about the bot itself",
        },
        _CANCEL,
    ),
    "login.1": _step(
        unanswered,
        _WAITS,
        {
            LAST_STEP: "not answered in 15 min",
            "decide.1": "logged in",
            "sent.1": "logged in, and it was sent before",
        },
        _CANCEL,
    ),
    "resolve.1": _step(
        resolve,
        _AGAIN,
        _NO_SESSION
        | {
            "turn.1": "the VM is found",
            "ask.1": "several VMs fit",
            LAST_STEP: "nothing fits",
        },
        _CANCEL,
    ),
    "read.1": _step(
        read,
        _AGAIN,
        _NO_SESSION | {"ask.1": "several VMs fit", LAST_STEP: "seen, or nothing fits"},
        _CANCEL,
    ),
    "turn.1": _step(
        take_turn,
        _AGAIN,
        {
            "turn.1": "an earlier command on the VM is not done",
            "picture.1": "it is first in line",
        },
        _CANCEL,
    ),
    "picture.1": _step(
        picture,
        _AGAIN,
        _NO_SESSION
        | {
            "login.1": "no session, or a secret is to be typed",
            "ask.1": "several ISOs fit, or doubt",
            "approve.1": "others have to agree",
            "send.1": "VM pictured, job uuid stored",
            "batch.1": "all of several ISOs: a row for each",
            LAST_STEP: "nothing fits, or nothing to do",
        },
        _CANCEL,
    ),
    "ask.1": _step(
        unanswered,
        _WAITS,
        {LAST_STEP: "not answered in 15 min"},
        {
            "decide.1": "answered; rights are asked again",
            "declined.1": "left alone, or cancelled",
        },
    ),
    "approve.1": _step(
        wait_for_others,
        "The row still waits, until the same moment; what was said is counted again.",
        {
            "approve.1": "not enough others have approved",
            "decide.1": "enough have; rights and the VM are looked at again",
            LAST_STEP: "somebody said no, or not enough approved in time",
        },
        _CANCEL,
    ),
    "batch.1": _step(
        gather,
        "The children go on; they are counted again.",
        {
            "batch.1": "not all children have ended",
            LAST_STEP: "all have: the worst outcome counts",
        },
    ),
    "declined.1": _step(declined, _AGAIN, {LAST_STEP: "said so"}),
    "send.1": _step(
        send,
        "Before the mark: nothing was sent, and the step is taken again. After it, the row "
        "stands at sent.1.",
        _NO_SESSION
        | {
            "sent.1": "marked as sent, before the first byte",
            "send.1": "ZStack could not be reached",
            "follow.1": "202, or the job is known",
            "verify.1": "answered at once",
            "decide.1": "session had expired, and a newer one or an access key is there",
            LAST_STEP: "ZStack said no, or cannot be reached",
        },
        _CANCEL,
    ),
    "sent.1": _step(
        find_out,
        "It was sent, perhaps in vain: the job is asked for again.",
        {
            "login.1": "session had expired",
            "sent.1": "no answer yet",
            "send.1": "unknown job, repeatable, not yet done",
            "follow.1": "the job runs",
            "verify.1": "the job ended, or the VM is as wanted",
            "decide.1": "session had expired, and a newer one or an access key is there",
            LAST_STEP: "ZStack said no, or it is not known",
        },
    ),
    "follow.1": _step(
        follow,
        "The job runs on in ZStack; it is asked for again.",
        {
            "login.1": "session had expired",
            "follow.1": "still running",
            "verify.1": "no word of the job, but the VM is as wanted",
            "decide.1": "session had expired, and a newer one or an access key is there",
            LAST_STEP: "it ended, or the deadline passed: before and after compared",
        },
    ),
    "verify.1": _step(
        verify,
        "The VM is read again.",
        {LAST_STEP: "before and after compared"},
    ),
}
