"""The policy as a whole: the sections of the file, and what holds without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from api.operation import Risk
from desk.policy.alerts import Alerts
from desk.policy.audit import Audit
from desk.policy.break_glass import BreakGlass
from desk.policy.clouds import Clouds
from desk.policy.conditions import Freeze, Part
from desk.policy.ids import GroupId, RotaName, TeamId
from desk.policy.rule import Rule, Terms
from desk.policy.steps import Steps
from desk.policy.verdict import Effect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Self

    from desk.policy.subjects import Subjects


class People(Part):
    """Who may be somebody here at all: `workspaces` lets their full members in too."""

    workspaces: tuple[TeamId, ...] = ()


class Rota(Part):
    """Who is on call: the members of a Slack user group, or a PagerDuty schedule."""

    slack_group: GroupId | None = None
    pagerduty_schedule: str | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.slack_group is None) is (self.pagerduty_schedule is None):
            message = "is one of slack_group and pagerduty_schedule"
            raise ValueError(message)
        return self


class Consent(Part):
    """What has to be agreed at a risk, whatever the rules say: `confirm`, or more words."""

    effect: Literal[Effect.ALLOW, Effect.CONFIRM, Effect.APPROVE]
    approval: Terms | None = None

    @model_validator(mode="after")
    def _asks_whom(self) -> Self:
        if self.approval and self.effect is not Effect.APPROVE:
            message = "“approval” belongs to the effect approve"
            raise ValueError(message)
        return self


_NONE = Consent(effect=Effect.ALLOW)


def _spelled_out(value: Any) -> Any:
    return {"effect": value} if isinstance(value, str) else value


class Risks(Part):
    """The least consent for each risk but READ, which is never asked about.

    The defaults are those of contract.md, Risk and the default policy.
    """

    change: Annotated[Consent, BeforeValidator(_spelled_out)] = Consent(
        effect=Effect.ALLOW
    )
    disrupt: Annotated[Consent, BeforeValidator(_spelled_out)] = Consent(
        effect=Effect.CONFIRM
    )
    destroy: Annotated[Consent, BeforeValidator(_spelled_out)] = Consent(
        effect=Effect.APPROVE
    )

    def of(self, risk: Risk) -> Consent:
        """The least consent at a risk."""
        return getattr(self, risk.value, _NONE)


_EVERYBODY = Rule(name="every full member", effect=Effect.ALLOW)


class Policy(Part):
    """Everything that the policy file may say; without one, the defaults hold."""

    people: People = People()
    rotas: dict[RotaName, Rota] = Field(default_factory=dict)
    freezes: tuple[Freeze, ...] = ()
    risks: Risks = Risks()
    rules: tuple[Rule, ...] = (_EVERYBODY,)
    clouds: Clouds = Field(default_factory=dict)
    alerts: Alerts = Alerts()
    steps: Steps = Steps()
    break_glass: BreakGlass = BreakGlass()
    audit: Audit = Audit()

    @property
    def subjects(self) -> Iterator[tuple[Subjects, tuple[int | str, ...]]]:
        """All people that the policy speaks of, and where in the file it does."""
        for number, rule in enumerate(self.rules):
            yield rule.who, ("rules", number, "who")
            if rule.approval:
                path = ("rules", number, "approval", "from")
                yield rule.approval.approvers, path
        for risk in Risk:
            terms = self.risks.of(risk).approval
            if terms:
                yield terms.approvers, ("risks", risk.value, "approval", "from")
        if self.break_glass.who:
            yield self.break_glass.who, ("break_glass", "who")

    @property
    def groups(self) -> frozenset[str]:
        """The Slack user groups that it speaks of."""
        return frozenset(it for one, _ in self.subjects for it in one.groups or ())

    @property
    def ids(self) -> frozenset[str]:
        """The people and user groups that a sentence of it may name, as Slack knows them."""
        said = {it for one, _ in self.subjects for it in one.ids}
        on_call = {it.slack_group for it in self.rotas.values() if it.slack_group}
        return frozenset(said | on_call)

    @property
    def on_call(self) -> frozenset[str]:
        """The rotas that it speaks of."""
        return frozenset(it for one, _ in self.subjects for it in one.on_call or ())

    @property
    def every_rule(self) -> tuple[Rule, ...]:
        """Also those for workflow steps."""
        return (*self.rules, *self.steps.rules)

    @property
    def asks_kinds(self) -> bool:
        """Whether it matters what kind of channel something is asked in."""
        return any(rule.when.kinds for rule in self.every_rule)

    @property
    def asks_how_many(self) -> bool:
        """Whether it matters how many commands somebody has under way."""
        return any(rule.when.up_to or rule.when.over for rule in self.every_rule)

    @property
    def asks_clusters(self) -> bool:
        """Whether it matters in which cluster something is."""
        return any(rule.where.clusters for rule in self.every_rule)

    @property
    def tags(self) -> frozenset[str]:
        """The globs for tags that it speaks of."""
        return frozenset(it for rule in self.every_rule for it in rule.where.tags or ())
