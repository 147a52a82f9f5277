"""The decision: deny by default, an explicit deny wins, the strictest consent wins."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from desk.person import Standing
from desk.policy.asked import Kind
from desk.policy.identity import admission
from desk.policy.refusal import by_default, by_rule
from desk.policy.rule import Terms
from desk.policy.unattended import unattended
from desk.policy.verdict import Approval, Effect, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from desk.policy.asked import Asked
    from desk.policy.model import Policy
    from desk.policy.rule import Fit


@dataclass(frozen=True)
class Ruling:
    """A verdict, and how each rule fits what was asked, in the order of the file."""

    verdict: Verdict
    fits: tuple[Fit, ...] = ()


def decide(policy: Policy, asked: Asked) -> Verdict:
    """Decide whether it may go on, and after which consent. Pure."""
    return weigh(policy, asked).verdict


def weigh(policy: Policy, asked: Asked) -> Ruling:
    """Decide, and keep how each rule fits, for whoever wants it explained."""
    fits = tuple(rule.fit(asked, policy.freezes) for rule in policy.rules)
    is_step = asked.channel.kind is Kind.WORKFLOW
    if is_step and asked.who.standing is Standing.SERVICE:
        return Ruling(unattended(policy, asked, fits), fits)
    refused = admission(policy, asked.who)
    if refused:
        trace = (f"{asked.who.standing} of team {asked.who.person.team}: refused",)
        return Ruling(Verdict(effect=Effect.DENY, reason=refused, trace=trace))
    return Ruling(_verdict(policy, asked, fits), fits)


def _verdict(policy: Policy, asked: Asked, fits: tuple[Fit, ...]) -> Verdict:
    counted = _counted(fits)
    trace = tuple(map(_line, counted))
    denies = [fit for fit in counted if fit.rule.effect is Effect.DENY]
    if denies:
        return Verdict(
            effect=Effect.DENY, reason=by_rule(asked, denies[0]), trace=trace
        )
    if asked.is_errand:
        return Verdict(
            effect=Effect.ALLOW, trace=(*trace, "about the bot itself: allow")
        )
    if not any(fit.grants for fit in counted):
        reason = by_default(asked, fits)
        return Verdict(
            effect=Effect.DENY, reason=reason, trace=(*trace, "no rule allows it: deny")
        )
    return _consent(policy, asked, counted, trace)


def _consent(
    policy: Policy, asked: Asked, counted: list[Fit], trace: tuple[str, ...]
) -> Verdict:
    """The strictest consent of the rules that count and of the risk."""
    least = policy.risks.of(asked.risk)
    said = [(fit.rule.effect, fit.rule.approval) for fit in counted if fit.restrains]
    said.append((least.effect, least.approval))
    effect = max((one for one, _ in said), key=lambda one: one.strictness)
    trace = (*trace, f"risk {asked.risk}: {least.effect}", f"so: {effect}")
    terms = ((own or Terms()).approval for one, own in said if one is Effect.APPROVE)
    return Verdict(effect=effect, trace=trace, approval=_together(terms))


def _together(approvals: Iterable[Approval]) -> Approval | None:
    found = list(approvals)
    return reduce(Approval.and_also, found) if found else None


def _counted(fits: tuple[Fit, ...]) -> list[Fit]:
    """The rules that count, sorted so that their order in the file does not."""
    counted = [fit for fit in fits if fit.counts]
    return sorted(counted, key=lambda fit: (-fit.rule.effect.strictness, _line(fit)))


def _line(fit: Fit) -> str:
    yet = " yet" if fit.is_early else ""
    known = "" if fit.holds else f" ({' and '.join(fit.unknown)} not known{yet})"
    return f"rule “{fit.rule.name}”: {fit.rule.effect}{known}"
