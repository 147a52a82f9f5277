"""Where the alerts of a group stand, made of everything that was told of them: pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING

from desk.alerts.alert import Status

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Telling:
    """One telling: the alert by its own key, and since when it stands so."""

    number: int
    own_key: str
    status: Status
    at: float


@dataclass(frozen=True)
class Standing:
    """One alert as it stands now.

    `number` is the telling that says so, `since` when it began or ended, `times` how often
    it has begun.
    """

    number: int
    status: Status
    since: float
    times: int

    @property
    def is_firing(self) -> bool:
        """Whether it fires."""
        return self.status is Status.FIRING


def standings(told: Iterable[Telling]) -> tuple[Standing, ...]:
    """Fold tellings, in whatever order they came: what fires first, then by age."""
    by_key = attrgetter("own_key")
    each = groupby(sorted(told, key=lambda it: (it.own_key, *_order(it))), by_key)
    found = [_standing(list(tellings)) for _, tellings in each]
    return tuple(sorted(found, key=lambda it: (not it.is_firing, it.since, it.number)))


def _order(telling: Telling) -> tuple[float, bool, int]:
    # Of a start and an end at the same moment, the end is the later one.
    return telling.at, telling.status is Status.RESOLVED, telling.number


def _standing(told: list[Telling]) -> Standing:
    runs = [list(run) for _, run in groupby(told, attrgetter("status"))]
    last = runs[-1]
    return Standing(
        number=last[-1].number,
        status=last[-1].status,
        since=last[0].at,
        times=sum(run[0].status is Status.FIRING for run in runs),
    )
