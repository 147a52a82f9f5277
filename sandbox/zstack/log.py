"""What the node was asked and what it did, for tests to count."""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass, field
from typing import Any


@dataclass(kw_only=True)
class Received:
    """One request to the REST API, as it came in."""

    method: str
    path: str
    query: list[tuple[str, str]]
    api: str | None = None
    """The API the request was for; None when there is no such API."""
    job_uuid: str | None = None
    account: str | None = None
    ignored: list[str] = field(default_factory=list)
    """Query parameters that no field of the API matches (protocol.md 1.2)."""
    fault: str | None = None
    """The fault played on this request."""
    at: float = field(default_factory=time.time)


@dataclass(frozen=True, kw_only=True)
class Executed:
    """One operation that got past every check and reached its VM."""

    api: str
    vm_uuid: str
    iso_uuid: str | None
    changed: bool
    """Whether the cloud differs from before."""
    account: str
    job_uuid: str
    error: str | None = None
    """The code it failed with, on the VM or on its host."""


@dataclass
class Log:
    """Everything received and executed, oldest first."""

    received: list[Received] = field(default_factory=list)
    executed: list[Executed] = field(default_factory=list)
    web_hooks: list[str] = field(default_factory=list)
    """The job of every callback attempted, one item per try."""

    def actions(self, api: str | None = None, vm: str | None = None) -> list[Executed]:
        """List operations that ran, of one API or on one VM (its uuid)."""
        return [
            entry
            for entry in self.executed
            if api in {None, entry.api} and vm in {None, entry.vm_uuid}
        ]

    def clear(self) -> None:
        """Forget everything."""
        self.received.clear()
        self.executed.clear()
        self.web_hooks.clear()

    def to_json(self) -> dict[str, Any]:
        """Write the log as `GET /sandbox/log` shows it."""
        return dataclasses.asdict(self)
