"""The sentences for whom the policy refuses: what stood in the way, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk.policy.verdict import Effect

if TYPE_CHECKING:
    from desk.policy.asked import Asked
    from desk.policy.rule import Fit, Rule

# Who else may is more use to know than when, and that more than on what.
_ORDER = ((), ("who",), ("when",), ("where",), ("what",))
_OPERATOR = "Ask whoever runs this bot if it should."


def by_rule(asked: Asked, fit: Fit) -> str:
    """Say that a rule denies it."""
    if fit.holds is None:
        return f"{_unknown(asked, fit)} Try again in a minute."
    said = fit.rule.says or _OPERATOR.replace("if it should", "if you need it")
    return f"The policy rule “{fit.rule.name}” does not let you do this here. {said}"


def by_default(asked: Asked, fits: tuple[Fit, ...]) -> str:
    """Say that no rule allows it, and which one nearly does."""
    allowing = sorted(
        (fit for fit in fits if fit.rule.effect is not Effect.DENY),
        key=lambda fit: (_ORDER.index(fit.misses[:1]), fit.rule.name),
    )
    unknown = [fit for fit in allowing if fit.holds is None]
    if unknown:
        return f"{_unknown(asked, unknown[0])} Try again in a minute."
    told = f"No policy rule lets you run {asked.command} here."
    nearly = [fit for fit in allowing if len(fit.misses) == 1 and fit.what]
    return f"{told} {_nearly(nearly[0]) if nearly else _OPERATOR}"


def _unknown(asked: Asked, fit: Fit) -> str:
    why = sorted(set(asked.who.unknown.values())) if "who" in fit.unknown else []
    what = {"who": "you", "where": "the VM", "when": "this channel"}[fit.unknown[0]]
    because = f" ({'; '.join(why)})" if why else ""
    return (
        f"It cannot be found out whether the policy rule “{fit.rule.name}” is about "
        f"{what}{because}, so nothing was done."
    )


def _nearly(fit: Fit) -> str:
    """What would have to be different for a rule that misses in one clause."""
    rule, (missed,) = fit.rule, fit.misses
    if rule.says:
        return rule.says
    if missed == "who":
        return f"Ask {rule.who}: they may."
    if missed == "when":
        return f"The rule “{rule.name}” allows it {_circumstances(rule)}."
    return f"The rule “{rule.name}” allows it on other VMs only. {_OPERATOR}"


def _circumstances(rule: Rule) -> str:
    when = rule.when
    if when.channels:
        return f"in channel {' or '.join(when.channels)} only"
    if when.kinds:
        return f"only in a place of this kind: {', '.join(when.kinds)}"
    if when.hours:
        return "at other hours only"
    if when.frozen is not None:
        return (
            "only while changes are frozen"
            if when.frozen
            else "after the change freeze"
        )
    return "when your other commands have ended"
