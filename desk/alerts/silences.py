"""Silences: what Alertmanager keeps to itself for a while, with who and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SILENCED_FOR = {"30 min": 1800, "2 h": 7200, "8 h": 28_800, "24 h": 86_400}
"""What a card offers, in seconds."""


class NoSilencer(Exception):
    """Alertmanager did not answer; `sent` says whether it may have heard."""

    def __init__(self, reason: str, *, sent: bool) -> None:
        super().__init__(reason)
        self.sent = sent


class SilenceRefused(Exception):
    """Alertmanager said no, in its own words."""


class Silence(BaseModel):
    """What is wanted. `starts` and `ends` are seconds since the epoch.

    `mark` is in the comment: it finds the silence again when its answer was lost.
    """

    model_config = ConfigDict(frozen=True)

    matchers: dict[str, str]
    starts: float
    ends: float
    created_by: str
    why: str
    mark: str

    @property
    def comment(self) -> str:
        """Why, and which command it came from."""
        return f"{self.why} [{self.mark}]"


class Silencer(Protocol):
    """Keeps silences; raises NoSilencer or SilenceRefused."""

    async def find(self, mark: str) -> str | None:
        """The id of the silence that carries `mark`, also of one that has ended."""
        ...

    async def create(self, wanted: Silence) -> str:
        """Create it; the id."""
        ...

    async def expire(self, silence_id: str) -> bool:
        """End it; False when it has ended before, or is not known."""
        ...


def in_common(alerts: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """The labels that all of `alerts` share: what silences them all, and no others."""
    first, *others = alerts
    return {
        name: value
        for name, value in first.items()
        if value and all(labels.get(name) == value for labels in others)
    }
