"""The desk: everything a step needs, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.client import ZStack
    from desk.ledger import Ledger
    from desk.outbox import Outbox
    from desk.person import Directory
    from desk.sessions import Sessions
    from desk.store import Store
    from desk.vault import Vault


@dataclass(frozen=True)
class Desk:
    """What steps work with. `callback` is where ZStack shall call when a job ends.

    `job_margin` is in seconds.
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
