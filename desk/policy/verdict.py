"""What the policy answers."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from desk.policy.subjects import Subjects

Prover = Literal["asker", "approver"]


class Effect(StrEnum):
    """What a rule does, from the mildest to the strictest."""

    ALLOW = "allow"
    CONFIRM = "confirm"
    APPROVE = "approve"
    DENY = "deny"

    @property
    def strictness(self) -> int:
        """The stricter of two effects has the higher one."""
        return list(Effect).index(self)


class Approval(BaseModel):
    """Which other people have to agree: so many, each of whom all of `approvers` fit.

    `expires` is in seconds. `reason`: the asker has to say why. `channels` see the card
    beside the one where it was asked. `proven_by` are those who have to show once more that
    they know the password of their ZStack account.
    """

    model_config = ConfigDict(frozen=True)

    people: int = 1
    approvers: tuple[Subjects, ...] = ()
    expires: int = 900
    reason: bool = True
    channels: tuple[str, ...] = ()
    proven_by: tuple[Prover, ...] = ()

    @property
    def whom(self) -> str:
        """Name who may agree, for a sentence; empty when every full member may."""
        return " and also ".join(map(str, self.approvers))

    @property
    def ids(self) -> frozenset[str]:
        """The people and user groups who may agree, as Slack knows them."""
        return frozenset(it for one in self.approvers for it in one.ids)

    def and_also(self, other: Approval) -> Approval:
        """What satisfies both."""
        both = {one.model_dump_json(): one for one in self.approvers + other.approvers}
        return Approval(
            people=max(self.people, other.people),
            approvers=tuple(both[key] for key in sorted(both)),
            expires=min(self.expires, other.expires),
            reason=self.reason or other.reason,
            channels=tuple(sorted({*self.channels, *other.channels})),
            proven_by=tuple(sorted({*self.proven_by, *other.proven_by})),
        )


class Verdict(BaseModel):
    """Whether it may go on, and after what.

    `reason` is for the person who may not; `trace` names each rule that counted and what
    came of it, for the audit.
    """

    model_config = ConfigDict(frozen=True)

    effect: Effect
    reason: str = ""
    trace: tuple[str, ...] = ()
    approval: Approval | None = None

    @property
    def is_allowed(self) -> bool:
        """Whether it may go on, perhaps after consent."""
        return self.effect is not Effect.DENY
