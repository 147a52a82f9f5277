"""One rule of the policy, and how it fits what is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, model_validator

from api.operation import Risk
from desk.policy.conditions import Freeze, Part, What, When, Where
from desk.policy.ids import ChannelId
from desk.policy.subjects import Subjects
from desk.policy.truth import Truth, every
from desk.policy.verdict import Approval, Effect, Prover

if TYPE_CHECKING:
    from typing import Self

    from desk.policy.asked import Asked


class Terms(Part):
    """Which approval is asked for; `from` says whose, `expires` is in seconds.

    `channel` is the id of one that sees the card beside the one where it was asked. With a
    `proof`, those of `proven_by` show on the one-time page that they know their password.
    """

    people: Annotated[int, Field(ge=1, le=20)] = 1
    approvers: Annotated[Subjects, Field(alias="from")] = Subjects()
    expires: Annotated[int, Field(ge=60, le=86_400)] = 900
    reason: bool = True
    channel: ChannelId | None = None
    proof: Literal["page"] | None = None
    proven_by: Annotated[tuple[Prover, ...], Field(min_length=1)] = ("asker",)

    @property
    def approval(self) -> Approval:
        """What a verdict says of it."""
        named = (self.approvers,) if self.approvers != Subjects() else ()
        return Approval(
            people=self.people,
            approvers=named,
            expires=self.expires,
            reason=self.reason,
            channels=(self.channel,) if self.channel else (),
            proven_by=self.proven_by if self.proof else (),
        )


class Rule(Part):
    """Who may do what, on which resource, under which circumstances.

    All but `deny` allow it, `confirm` and `approve` with that consent: they are about what
    changes something. `says` is shown to whom it refuses.
    """

    name: Annotated[str, Field(min_length=1)]
    effect: Effect
    who: Subjects = Subjects()
    what: What = What()
    where: Where = Where()
    when: When = When()
    approval: Terms | None = None
    says: str = ""

    @model_validator(mode="after")
    def _asks_whom(self) -> Self:
        if self.approval and self.effect is not Effect.APPROVE:
            message = "“approval” belongs to a rule whose effect is approve"
            raise ValueError(message)
        return self

    def fit(self, asked: Asked, freezes: tuple[Freeze, ...]) -> Fit:
        """Hold the rule against what is asked, clause by clause."""
        return Fit(
            rule=self,
            who=self.who.fit(asked.who),
            what=self.what.fit(asked) and self._is_meant(asked),
            where=self.where.fit(asked),
            when=self.when.fit(asked, freezes),
            is_early=asked.is_early,
        )

    def _is_meant(self, asked: Asked) -> bool:
        asks = self.effect in {Effect.CONFIRM, Effect.APPROVE}
        return not (asks and asked.risk is Risk.READ)


@dataclass(frozen=True)
class Fit:
    """A rule held against what is asked; None is what nobody can say."""

    rule: Rule
    who: Truth
    what: Truth
    where: Truth
    when: Truth
    is_early: bool

    @property
    def holds(self) -> Truth:
        """Whether the whole rule fits."""
        return every((self.who, self.what, self.where, self.when))

    @property
    def grants(self) -> bool:
        """Whether it lets it go on; what is not known yet may still do so."""
        is_enough = self.holds is True or (self.is_early and self.holds is None)
        return is_enough and self.rule.effect is not Effect.DENY

    @property
    def restrains(self) -> bool:
        """Whether its effect counts; what is not known counts against the asker."""
        return self.holds is True or (self.holds is None and not self.is_early)

    @property
    def counts(self) -> bool:
        """Whether it makes a difference."""
        return self.grants or (self.restrains and self.rule.effect is not Effect.ALLOW)

    @property
    def misses(self) -> tuple[str, ...]:
        """The clauses that do not fit."""
        clauses = {"who": self.who, "what": self.what, "where": self.where}
        clauses["when"] = self.when
        return tuple(name for name, fits in clauses.items() if fits is False)

    @property
    def unknown(self) -> tuple[str, ...]:
        """The clauses of which nobody can say whether they fit."""
        clauses = {"who": self.who, "what": self.what, "where": self.where}
        clauses["when"] = self.when
        return tuple(name for name, fits in clauses.items() if fits is None)
