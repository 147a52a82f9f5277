"""`alerts:` – where alerts go and what they may do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, cast

from pydantic import BeforeValidator, Field, model_validator

import api.operations  # noqa: F401  # declares them
from api.operation import OPERATIONS, Risk
from desk.alerts.resources import LABELS
from desk.policy.conditions import Part
from desk.policy.ids import ChannelId
from desk.policy.subjects import Words, any_fits

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Self

    from api.operation import Operation


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Globs = Annotated[Words, BeforeValidator(_several)]
"""One glob, or several of which one has to fit."""


_LABEL = re.compile(r"\{([^{}]+)\}")


def changing(command: str) -> type[Operation[Any]] | None:
    """The operation behind `vm reboot`, if it changes something."""
    found = (
        it
        for it in OPERATIONS.values()
        if it.rest.command == command and it.rest.risk is not Risk.READ
    )
    return next(found, None)


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
    """Alerts, the id of the channel they are told in, and the cloud they are about."""

    channel: ChannelId
    cloud: str = ""


class Action(Match):
    """A button on the cards of alerts that fit: an operation, in the words of the grammar.

    `arguments` are its fields; `{a label}` in them is replaced by what the alert says.
    Without the VM it is about the one that the alert is about.
    """

    command: str
    arguments: dict[str, str] = Field(default_factory=dict)
    button: Annotated[str, Field(max_length=60)] = ""

    @model_validator(mode="after")
    def _is_understood(self) -> Self:
        if not (asks := changing(self.command)):
            message = f"“{self.command}” is no command that changes something"
            raise ValueError(message)
        if strange := sorted(self.arguments.keys() - asks.model_fields):
            message = f"“{self.command}” takes nothing called “{strange[0]}”"
            raise ValueError(message)
        return self

    @property
    def asks(self) -> type[Operation[Any]]:
        """The operation behind the button."""
        return cast("type[Operation[Any]]", changing(self.command))

    def filled_in(self, labels: Mapping[str, str]) -> dict[str, str] | None:
        """Its arguments for an alert; None when the alert lacks a label of theirs."""
        wanted = [it for text in self.arguments.values() for it in _LABEL.findall(text)]
        if not all(labels.get(name) for name in wanted):
            return None
        return {
            name: _LABEL.sub(lambda found: labels[found[1]], text)
            for name, text in self.arguments.items()
        }


class Alerts(Part):
    """What is done with alerts. Of the routes, the first that fits counts.

    `labels` are those that name a VM or a host, the first that an alert has counts.
    """

    routes: tuple[Route, ...] = ()
    actions: tuple[Action, ...] = ()
    labels: Words = LABELS

    def channel(self, source: str, labels: Mapping[str, str], default: str) -> str:
        """The channel of an alert: the first that fits, or `default`."""
        route = self._route(source, labels)
        return route.channel if route else default

    def cloud(self, source: str, labels: Mapping[str, str]) -> str:
        """The cloud that the route of an alert names; empty when it names none."""
        route = self._route(source, labels)
        return route.cloud if route else ""

    def _route(self, source: str, labels: Mapping[str, str]) -> Route | None:
        return next((it for it in self.routes if it.fit(source, labels)), None)
