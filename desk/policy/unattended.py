"""The decision on what runs under the service key: nobody is there to consent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk.policy.verdict import Effect, Verdict

if TYPE_CHECKING:
    from desk.policy.asked import Asked
    from desk.policy.model import Policy
    from desk.policy.rule import Fit

_NOT_LET = (
    "The policy does not let a workflow run {} under the bot's own access key. Name a "
    "“person” who is asked, or let it under “steps”."
)
_CONSENT = (
    "{} asks for somebody's consent, which nobody can give under the bot's own access key. "
    "Name a “person” who is asked."
)


def unattended(policy: Policy, asked: Asked, fits: tuple[Fit, ...]) -> Verdict:
    """Decide for the service key; `fits` are the policy's rules.

    A line under `steps:` is the confirmation that a risk asks for. Nothing stands in for
    what a rule asks of people, nor for the approval of somebody else.
    """
    lines = [rule.fit(asked, policy.freezes) for rule in policy.steps.rules]
    granting = [line for line in lines if line.grants]
    if not granting:
        return _denied(_NOT_LET.format(asked.command), "no line of steps allows it")
    strict = sorted(
        (fit.rule.effect.strictness, fit.rule.name)
        for fit in fits
        if fit.restrains and fit.rule.effect is not Effect.ALLOW
    )
    if strict:
        rule = f"The policy rule “{strict[-1][1]}”"
        return _denied(_CONSENT.format(rule), f"{rule} restrains it")
    if policy.risks.of(asked.risk).effect is Effect.APPROVE:
        return _denied(_CONSENT.format(f"The risk {asked.risk}"), f"risk {asked.risk}")
    names = sorted(line.rule.name for line in granting)
    trace = tuple(f"step “{name}”: allow" for name in names)
    return Verdict(effect=Effect.ALLOW, trace=trace)


def _denied(reason: str, why: str) -> Verdict:
    return Verdict(effect=Effect.DENY, reason=reason, trace=(f"{why}: deny",))
