"""`alerts:` – where alerts go and what they may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator, Field

from desk.policy.conditions import Part
from desk.policy.subjects import Words, any_fits

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Globs = Annotated[Words, BeforeValidator(_several)]
"""One glob, or several of which one has to fit."""


class Match(Part):
    """Alerts by their source and labels: each of these that is said has to fit."""

    sources: Globs | None = None
    labels: dict[str, Globs] = Field(default_factory=dict)

    def fit(self, source: str, labels: Mapping[str, str]) -> bool:
        """Whether an alert with these labels is one of them; a missing label fits nothing."""
        if self.sources and not any_fits(self.sources, [source]):
            return False
        return all(
            name in labels and any_fits(globs, [labels[name]])
            for name, globs in self.labels.items()
        )


class Route(Match):
    """Alerts, and the id of the channel they are told in."""

    channel: Annotated[str, Field(pattern="^[CGD][A-Z0-9]{2,}$")]


class Alerts(Part):
    """What is done with alerts. Of the routes, the first that fits counts."""

    routes: tuple[Route, ...] = ()

    def channel(self, source: str, labels: Mapping[str, str]) -> str:
        """The channel of an alert; empty when no route fits."""
        fitting = (it.channel for it in self.routes if it.fit(source, labels))
        return next(fitting, "")
