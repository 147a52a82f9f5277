"""The desk: everything a step needs, in one place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from desk.policy import Policy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from api.client import ZStack
    from desk.alerts.silences import Silencer
    from desk.ledger import Ledger
    from desk.outbox import Outbox
    from desk.person import Directory, Place
    from desk.rolls import Roll
    from desk.service import Service
    from desk.sessions import Sessions
    from desk.store import Store
    from desk.vault import Vault


def _nowhere(channel: str) -> Place:
    return {"kind": "nowhere", "channel": channel}


@dataclass(frozen=True)
class Desk:
    """What steps work with. `callback` is where ZStack shall call when a job ends.

    `job_margin` is in seconds, `policy` tells what holds just now, `rolls` are the keepers
    of lists of people by the names that the policy has for them: `slack`, `pagerduty`;
    `room` makes a place of the id of a channel.
    `service` looks under the bot's own access key.
    """

    store: Store
    vault: Vault
    ledger: Ledger
    outbox: Outbox
    cloud: ZStack
    sessions: Sessions
    directory: Directory
    public_url: str
    callback: str | None = None
    job_margin: float = 30.0
    policy: Callable[[], Policy] = Policy
    room: Callable[[str], Place] = _nowhere
    rolls: Mapping[str, Roll] = field(default_factory=dict)
    silencer: Silencer | None = None
    service: Service | None = None
