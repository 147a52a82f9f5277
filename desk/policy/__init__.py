"""Who may do what: one file, one pure function, deny by default."""

from __future__ import annotations

from desk.policy.asked import Asked, Channel, Kind, Resource, Who
from desk.policy.decision import Ruling, decide, weigh
from desk.policy.identity import admission, objection
from desk.policy.model import Policy
from desk.policy.subjects import Subjects
from desk.policy.verdict import Approval, Effect, Verdict

__all__ = [
    "Approval",
    "Asked",
    "Channel",
    "Effect",
    "Kind",
    "Policy",
    "Resource",
    "Ruling",
    "Subjects",
    "Verdict",
    "Who",
    "admission",
    "decide",
    "objection",
    "weigh",
]
