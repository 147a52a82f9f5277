"""Whether somebody is one of us at all, and whether they may approve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk.person import Standing
from desk.policy.truth import every

if TYPE_CHECKING:
    from desk.person import Person
    from desk.policy.asked import Who
    from desk.policy.model import Policy
    from desk.policy.verdict import Approval

_ELSEWHERE = (
    "You belong to another workspace, and only full members of this one may operate the "
    "cloud. Ask one of them to run it."
)
_REFUSED = {
    Standing.VISITOR: _ELSEWHERE,
    Standing.STRANGER: _ELSEWHERE,
    Standing.GUEST: "Guests of this workspace may not operate the cloud. "
    "Ask a full member to run it.",
    Standing.BOT: "Bots may not operate the cloud. A person has to ask.",
    Standing.DELETED: "This Slack account is deactivated, so it may not operate the "
    "cloud. Ask a full member to run it.",
    Standing.SERVICE: "The bot's own access key may not operate the cloud: no policy "
    "here lets it. Ask a full member to run it.",
    Standing.UNKNOWN: "Slack cannot say who you are at the moment, so nothing was done. "
    "Try again in a minute.",
}


def admission(policy: Policy, who: Who) -> str | None:
    """Why `who` may do nothing here; None when they are one of us."""
    invited = who.person.team in policy.people.workspaces
    if who.standing is Standing.MEMBER or (
        who.standing is Standing.VISITOR and invited
    ):
        return None
    return _REFUSED[who.standing]


def objection(
    policy: Policy, approval: Approval, who: Who, *, asker: Person
) -> str | None:
    """Why `who` may not approve what `asker` asked for; None when they may."""
    refused = admission(policy, who)
    if refused:
        return refused
    if (who.person.team, who.person.user) == (asker.team, asker.user):
        return "Nobody approves their own command. Ask somebody else to approve it."
    fits = every(one.fit(who) for one in approval.approvers)
    if fits:
        return None
    if fits is None:
        return (
            f"It is not known whether you may approve this ({_why(who)}), so nothing was "
            "done. Try again in a minute."
        )
    return f"Only {approval.whom} may approve this. Ask one of them."


def _why(who: Who) -> str:
    return "; ".join(sorted(set(who.unknown.values()))) or "you are not logged in"
