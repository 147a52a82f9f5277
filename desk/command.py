"""A row of the ledger as an object, and the change that one step makes to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, SecretStr

from api.models import ErrorCode, VmInstance
from api.operation import OPERATIONS, Operation, secret_fields, subject
from desk.errors import KeyLost
from desk.notice import Outcome
from desk.person import Person, Place
from desk.policy import Approval, Verdict
from desk.seen import Seen

if TYPE_CHECKING:
    from desk.notice import Notice
    from desk.request import Request


class Asking(BaseModel):
    """An approval that is asked for under the name `question`, until the row's deadline.

    `whom` names those who may, for a sentence. `by` are those who approved, in order.
    """

    model_config = ConfigDict(frozen=True)

    question: str
    terms: Approval
    whom: str = ""
    by: tuple[Person, ...] = ()

    @property
    def missing(self) -> int:
        """How many more have to approve."""
        return max(0, self.terms.people - len(self.by))


_BLANK = "secret"  # stands for one that nobody has to know


class Memo(BaseModel):
    """What a command has to remember between its steps.

    `session` is the digest of the session that it was sent with, `aliases` are the words
    that other commands may mean the same resource by, `each` the arguments that tell the
    parts of a batch apart, `verdict` what the policy last said. `workflow` is the run of a
    workflow that waits for the end, `is_agreed` whether the person whom it names has
    pressed Run. `seen` is the VM as it was when somebody decided about it, `approval` what
    others are, or were, asked for, `copies` the other channels that are told. The glass is
    broken when nobody was asked although somebody should have been. `to_prove` is what the
    person is shown when they have to prove that they want it.
    """

    model_config = ConfigDict(frozen=True)

    confirmed: bool = False
    doubt: str = ""
    gave_way: Person | None = None
    is_cancelled: bool = False
    aliases: tuple[str, ...] = ()
    approval: Asking | None = None
    each: tuple[dict[str, Any], ...] = ()
    names: dict[str, str] = {}
    owner: str | None = None
    is_told: bool = False
    resends: int = 0
    sign_ons: int = 0
    looked_at: float | None = None
    looks: int = 0
    progress: str | None = None
    progress_at: float | None = None
    reason: str | None = None
    breaks_glass: bool = False
    glass_broken: bool = False
    to_prove: str | None = None
    is_proven: bool = False
    copies: tuple[str, ...] = ()
    resume: str = "decide.1"
    seen: Seen | None = None
    session: str | None = None
    verdict: Verdict | None = None
    account_name: str | None = None
    workflow: str | None = None
    is_agreed: bool = False


class Command(BaseModel):
    """One accepted command.

    `claimed_at` is the database's time when it was claimed, `any_call_at` when ZStack
    last called back for any command, `waiting` how many commands waited for ZStack then.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    key: str
    person: Person
    place: Place
    words: str
    operation: str
    arguments: dict[str, Any]
    step: str
    outcome: Outcome
    due: float | None = None
    claim: str | None = None
    attempts: int = 0
    question: str | None = None
    account: str | None = None
    job_uuid: str | None = None
    sent_at: float | None = None
    deadline: float | None = None
    before: VmInstance | None = None
    after: VmInstance | None = None
    error: ErrorCode | None = None
    memo: Memo = Memo()
    resource_uuid: str | None = None
    resource_name: str | None = None
    parent: str | None = None
    accepted_at: float = 0
    started_at: float | None = None
    finished_at: float | None = None
    called_at: float | None = None
    claimed_at: float = 0
    cloud: str = ""
    secrets: dict[str, SecretStr] = {}
    any_call_at: float | None = None
    waiting: int = 0

    def __repr_args__(self) -> Any:
        """Keep the job uuid and the place out of logs and tracebacks."""
        return [("id", self.id), ("operation", self.operation), ("step", self.step)]

    @property
    def asks(self) -> type[Operation[Any]]:
        """The ZStack API that this command asks for; KeyError for an errand."""
        return OPERATIONS[self.operation]

    @property
    def acts_on_vm(self) -> bool:
        """Whether a VM can be looked at before and after."""
        return subject(self.asks)[1] == "vm"

    @property
    def label(self) -> str:
        """What people call the VM."""
        return self.resource_name or self.resource_uuid or "the VM"

    @property
    def spoken(self) -> dict[str, str]:
        """The names that fill the words of an Effect."""
        iso, host = (
            str(self.arguments.get(f"{kind}_uuid")) for kind in ("iso", "host")
        )
        names = self.memo.names
        return {
            "vm": self.label,
            "alert": self.label,
            "iso": names.get(iso, iso),
            "host": names.get(host, host),
        }

    def remember(self, **values: Any) -> Memo:
        """The memo with `values` in it."""
        return self.memo.model_copy(update=values)

    def to_operation(self) -> Operation[Any]:
        """Build the operation from the resolved arguments; its secrets are left blank."""
        blank = dict.fromkeys(secret_fields(self.asks), SecretStr(_BLANK))
        return self.asks(**blank | self.arguments)

    def to_be_sent(self) -> Operation[Any]:
        """Build the operation with its secrets; raises KeyLost."""
        secrets = {name: self.secrets.get(name) for name in secret_fields(self.asks)}
        if None in secrets.values():
            raise KeyLost
        return self.asks(**self.arguments | secrets)


@dataclass(frozen=True)
class In:
    """A moment so many seconds from now, by the database's clock."""

    seconds: float


NOW = In(0)


@dataclass(frozen=True)
class Next:
    """What a step decided: the next step, when, and what to write and tell with it.

    `due_in` is in seconds; None means that the row waits for nothing more. All of it is
    committed together with the step, or none of it. `event` is what the audit calls it,
    if it belongs there, and `said` is what the audit keeps of what is told.
    """

    step: str
    due_in: float | None = 0.0
    changes: dict[str, Any] = field(default_factory=dict)
    notices: tuple[tuple[Place, Notice], ...] = ()
    offers: tuple[dict[str, Any], ...] = ()
    tickets: tuple[dict[str, Any], ...] = ()
    children: tuple[Request, ...] = ()
    event: str | None = None
    said: str = ""

    @property
    def goes_on(self) -> bool:
        """Whether the next step can be taken right away."""
        return self.due_in == 0.0

    @property
    def gives_turn_away(self) -> bool:
        """Whether others may act on the resource from now on."""
        return self.changes.get("turn", "kept") is None
