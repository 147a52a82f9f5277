"""Who may do what: pure, deny by default."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from api.operation import Risk
from desk.person import Standing


class Consent(StrEnum):
    """What has to be agreed before an operation runs."""

    NONE = "none"
    CONFIRM = "confirm"
    SECOND_PERSON = "second person"


CONSENT = {
    Risk.READ: Consent.NONE,
    Risk.CHANGE: Consent.NONE,
    Risk.DISRUPT: Consent.CONFIRM,
    Risk.DESTROY: Consent.SECOND_PERSON,
}

_REFUSED = {
    Standing.GUEST: "Guests of this workspace may not operate the cloud. "
    "Ask a full member to run it.",
    Standing.STRANGER: "You belong to another workspace, and only full members of this "
    "one may operate the cloud. Ask one of them to run it.",
    Standing.BOT: "Bots may not operate the cloud. A person has to ask.",
    Standing.DELETED: "This Slack account is deactivated, so it may not operate the "
    "cloud. Ask a full member to run it.",
    Standing.UNKNOWN: "Slack cannot say who you are at the moment, so nothing was done. "
    "Try again in a minute.",
}


@dataclass(frozen=True)
class Verdict:
    """Whether it may go on; `reason` is a sentence for the person when it may not."""

    consent: Consent | None
    reason: str = ""

    @property
    def is_allowed(self) -> bool:
        """Whether it may go on, perhaps after consent."""
        return self.consent is not None


def decide(standing: Standing, risk: Risk) -> Verdict:
    """Decide what somebody of this standing may do at this risk."""
    if standing is not Standing.MEMBER:
        return Verdict(None, _REFUSED[standing])
    consent = CONSENT[risk]
    if consent is Consent.SECOND_PERSON:
        return Verdict(
            None,
            "This destroys something and needs a second person's approval, which no "
            "policy here provides for. Do it in the ZStack console.",
        )
    return Verdict(consent)
