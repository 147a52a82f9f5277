"""The desk: everything a step needs, in one place."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from desk.clouds import NoSuchCloud, Site
from desk.policy import Policy
from desk.steps.pace import Looks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from api.client import ZStack
    from desk.alerts.silences import Silencer
    from desk.ledger import Ledger
    from desk.outbox import Outbox
    from desk.person import Directory, Person, Place
    from desk.rolls import Roll
    from desk.service import Service
    from desk.sessions import Sessions
    from desk.store import Store
    from desk.vault import Vault


@dataclass(frozen=True)
class Desk:
    """What steps work with. `callback` is where ZStack shall call when a job ends.

    `job_margin` is in seconds; so is `brisk`, up to which a worker that has looked at a job
    waits for its next look instead of putting the row down, and `looks` counts them.
    `policy` tells what holds just now, `rolls` are the keepers of lists of people by the
    names that the policy has for them: `slack`, `pagerduty`;
    `room` makes a place of the id of a channel, `door` one of a person.
    `service` looks under the bot's own access key. `cloud`, `sessions` and `service` are
    those of ZSTACK_URL; `sites` has all clouds by name, that one first, when there are several.
    """

    store: Store
    vault: Vault
    ledger: Ledger
    outbox: Outbox
    cloud: ZStack
    sessions: Sessions
    directory: Directory
    public_url: str
    room: Callable[[str], Place]
    door: Callable[[Person], Place]
    callback: str | None = None
    job_margin: float = 30.0
    brisk: float = 0.1
    looks: Looks = field(default_factory=Looks)
    policy: Callable[[], Policy] = Policy
    rolls: Mapping[str, Roll] = field(default_factory=dict)
    silencer: Silencer | None = None
    service: Service | None = None
    name: str = ""
    sites: Mapping[str, Site] = field(default_factory=dict)

    def at(self, name: str) -> Desk:
        """The desk as it is for one cloud; raises NoSuchCloud. The first without a name."""
        if not name:
            return self
        if name not in self.sites:
            raise NoSuchCloud(name, self.sites)
        site = self.sites[name]
        return replace(
            self,
            name=name,
            cloud=site.cloud,
            sessions=site.sessions,
            service=site.service,
        )

    def settled(self) -> Desk:
        """The same under the policy of this moment, whatever takes its place meanwhile."""
        policy = self.policy()
        return replace(self, policy=lambda: policy)

    @property
    def everywhere(self) -> tuple[Site, ...]:
        """Every cloud, the first without a name when it is the only one."""
        only = Site("", self.cloud, self.sessions, self.service)
        return tuple(self.sites.values()) or (only,)

    def meant_by(self, channel: str) -> str:
        """The name of the cloud that a channel means; empty when there is one only."""
        return self.named_for(channel) or next(iter(self.sites), "")

    def named_for(self, channel: str) -> str:
        """The name of the cloud that the policy has for a channel; empty without one."""
        means = (name for name, it in self.sites.items() if channel in it.channels)
        return next(means, "")
