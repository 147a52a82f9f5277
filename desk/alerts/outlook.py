"""Looks at what alerts are about, each in the cloud that it means."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from desk.alerts.lookout import Lookout
from desk.alerts.resources import reference_of
from desk.alerts.wanted import About

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desk.alerts.alert import Alert
    from desk.alerts.resources import Found, Reference
    from desk.desk import Desk

LABEL = "cloud"
"""Names the cloud that an alert is about; what is the name of none is another label."""


class Outlook:
    """Sees the clouds under the service key of each; where there is none, nothing."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        sites = desk.everywhere
        self._lookouts = {it.name: Lookout(it.service) for it in sites if it.service}

    @property
    def looks(self) -> frozenset[str]:
        """The clouds that there is a key to look with."""
        return frozenset(self._lookouts)

    async def look(self, alerts: Sequence[Alert], channel: str) -> list[About]:
        """What each alert of a card in `channel` is about, as it is now."""
        abouts = [self._meant(it, channel) for it in alerts]
        for cloud, lookout in self._lookouts.items():
            abouts = await _seen_in(cloud, lookout, abouts)
        return abouts

    def _meant(self, alert: Alert, channel: str) -> About:
        names = self._desk.policy().alerts.labels
        reference = reference_of(alert.labels, alert.annotations, names)
        return About(alert, reference, clouds=clouds_of(self._desk, alert, channel))


def clouds_of(desk: Desk, alert: Alert, channel: str) -> tuple[str, ...]:
    """Where to look for what an alert is about, in this order.

    That is what the address names that it came to, else its own label, else its route,
    else its channel, else every cloud.
    """
    route = desk.policy().alerts.cloud(alert.source, alert.said)
    own = (alert.origin.get(LABEL, ""), alert.labels.get(LABEL, ""))
    said = (*own, route, desk.named_for(channel))
    named = next((it for it in said if it in desk.sites), None)
    return (named,) if named else tuple(site.name for site in desk.everywhere)


async def _seen_in(
    cloud: str, lookout: Lookout, abouts: Sequence[About]
) -> list[About]:
    sought = {found for it in abouts if (found := _sought(it, cloud))}
    if not sought:
        return list(abouts)
    seen = await lookout.look(sought)
    return [_after(it, cloud, seen) for it in abouts]


def _sought(about: About, cloud: str) -> Reference | None:
    """What is to be looked for in a cloud, unless it was found before.

    A cloud that does not tell ends it: the next may have another one of the same name.
    """
    is_settled = about.seen or about.is_blind or cloud not in about.clouds
    return None if is_settled else about.reference


def _after(about: About, cloud: str, seen: dict[Reference, Found] | None) -> About:
    reference = _sought(about, cloud)
    if not reference:
        return about
    if seen is None:
        return replace(about, is_blind=True)
    found = seen.get(reference)
    return replace(about, seen=found, clouds=(cloud,)) if found else about
