"""What is to be told: the desk's words, which an edge turns into its own form."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from api.models import ErrorCode, VmInstance
from desk.person import Person


class Outcome(StrEnum):
    """Where a command stands; the names are fixed by the contract."""

    ACCEPTED = "accepted"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    REFUSED = "refused"
    EXPIRED = "expired"
    UNKNOWN = "unknown"

    @property
    def is_final(self) -> bool:
        """Whether a row may end in it."""
        return self not in {Outcome.ACCEPTED, Outcome.RUNNING}

    @property
    def is_private(self) -> bool:
        """Whether nothing came of it, which is told to the asker alone."""
        return self in {Outcome.REFUSED, Outcome.EXPIRED}

    @property
    def is_bad(self) -> bool:
        """Whether somebody has to look."""
        return self in {Outcome.FAILED, Outcome.UNKNOWN}

    @property
    def badness(self) -> int:
        """How bad an end is: a batch ends like the worst of its parts."""
        return _FROM_GOOD_TO_BAD.index(self)


_FROM_GOOD_TO_BAD = (
    Outcome.SUCCEEDED,
    Outcome.UNCHANGED,
    Outcome.EXPIRED,
    Outcome.REFUSED,
    Outcome.FAILED,
    Outcome.UNKNOWN,
)


class Slot(StrEnum):
    """Which message of a command this is.

    ANSWER is one message edited in place; THREAD mentions the asker below it; PRIVATE is
    seen by the asker alone; DIRECT goes to the asker's direct messages. STEP is read by a
    workflow, which goes on or ends by it. COPY is one message, edited in place, in each other
    channel that the policy wants to be told. AUDIT holds rows of the audit, and stands behind
    all others.
    """

    ANSWER = "answer"
    THREAD = "thread"
    PRIVATE = "private"
    DIRECT = "direct"
    STEP = "step"
    COPY = "copy"
    AUDIT = "audit"


class Stand(StrEnum):
    """Where a group of alerts stands; a message about anything else has none.

    What HAPPENED has no end that anybody could wait for.
    """

    NONE = ""
    FIRING = "firing"
    PART_RESOLVED = "part resolved"
    RESOLVED = "resolved"
    HAPPENED = "happened"


class Choice(BaseModel):
    """Something to press. `offer` is opaque; `detail` tells equal labels apart."""

    model_config = ConfigDict(frozen=True)

    label: str
    offer: str
    detail: str = ""
    style: Literal["", "primary", "danger"] = ""


class Voice(BaseModel):
    """What somebody said to a request; nobody in particular when there is no person."""

    model_config = ConfigDict(frozen=True)

    person: Person | None = None
    said: str


class DriveChange(BaseModel):
    """One drive before and after; None is an empty drive."""

    model_config = ConfigDict(frozen=True)

    device_id: int | None
    before: str | None
    after: str | None


class Card(BaseModel):
    """A VM as it is shown: its inventory, and the names behind its uuids."""

    model_config = ConfigDict(frozen=True)

    vm: VmInstance
    state_before: str | None = None
    names: dict[str, str] = {}
    owner: str | None = None
    drives: tuple[DriveChange, ...] = ()


class Notice(BaseModel):
    """One message in the desk's words. All its text is plain text, never markup.

    With a `stand` it is the card of a group of alerts, whose id is in `command_id`, and
    `holder` has it in hand.
    `field` names what the person is to type before they press, `copy_in` the channel that a
    COPY or AUDIT stands in. What an AUDIT holds is named by its `command_id`.
    """

    model_config = ConfigDict(frozen=True)

    slot: Slot
    command_id: str = ""
    operation: str = ""
    summary: str = ""
    outcome: Outcome = Outcome.ACCEPTED
    resource_uuid: str | None = None
    asker: Person | None = None
    title: str
    lines: tuple[str, ...] = ()
    next_step: str | None = None
    progress: str | None = None
    voices: tuple[Voice, ...] = ()
    seconds: float | None = None
    card: Card | None = None
    full: bool = False
    error: ErrorCode | None = None
    code: str | None = None
    table: tuple[tuple[str, ...], ...] = ()
    choices: tuple[Choice, ...] = ()
    pick: bool = False
    field: str = ""
    copy_in: str = ""
    link: tuple[str, str] | None = None
    links: tuple[tuple[str, str], ...] = ()
    stand: Stand = Stand.NONE
    holder: Person | None = None

    def payload(self) -> dict[str, Any]:
        """The fields that programs read from a message's metadata."""
        if self.stand:
            return {"alert_id": self.command_id, "status": str(self.stand)}
        if self.slot is Slot.AUDIT:
            return {"audit_id": self.command_id, "noted": self.summary}
        return {
            "command_id": self.command_id,
            "operation": self.operation,
            "outcome": str(self.outcome),
            "resource_uuid": self.resource_uuid or "",
        }
