"""The job table: results of asynchronous APIs, by job uuid (protocol.md 1.5)."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any


@dataclass(kw_only=True)
class Job:
    """One row: processing until it has a status."""

    uuid: str
    status: int = 202
    body: dict[str, Any] = field(default_factory=dict)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    accepted_at: float = field(default_factory=time.time)
    ended_at: float | None = None

    def end(self, status: int, body: dict[str, Any]) -> None:
        """Record the outcome."""
        self.status = status
        self.body = body
        self.ended_at = time.time()
        self.ended.set()

    @property
    def is_done(self) -> bool:
        """Tell whether the job ended, well or badly."""
        return self.ended.is_set()


@dataclass(kw_only=True)
class Task:
    """One entry of a job's progress."""

    uuid: str
    name: str
    content: str
    time: int
    type: str = "Task"


class Jobs:
    """All rows. They survive a restart, and nothing ends those it interrupted."""

    def __init__(self) -> None:
        self.rows: dict[str, Job] = {}
        self.progress: dict[str, list[Task]] = {}

    def purge(self) -> int:
        """Delete the rows of jobs that are done; say how many."""
        done = [uuid for uuid, job in self.rows.items() if job.is_done]
        for uuid in done:
            del self.rows[uuid]
            self.progress.pop(uuid, None)
        return len(done)
