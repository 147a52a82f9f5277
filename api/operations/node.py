"""The management node itself, and the jobs that it runs."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.models import PlatformTimeZone, TaskProgress
from api.operation import Operation, Risk, rest


@rest(
    "PUT /management-nodes/actions",
    risk=Risk.READ,
    reply="version",
    needs_session=False,
)
class GetVersion(Operation[str]):
    """Tell ZStack's version."""


@rest("GET /management-nodes/platform-timezone", risk=Risk.READ, reply="*")
class GetPlatformTimeZone(Operation[PlatformTimeZone]):
    """Tell the zone in which ZStack writes its timestamps."""


@rest("GET /management-nodes/ready", risk=Risk.READ, reply=None, needs_session=False)
class IsReadyToGo(Operation[None]):
    """Tell whether the management node is ready."""


@rest("GET /task-progresses/{api_id}", risk=Risk.READ, reply="inventories")
class GetTaskProgress(Operation[tuple[TaskProgress, ...]]):
    """Tell how far a job is."""

    api_id: Annotated[str, Field(description="the job", repr=False)]
    all: Annotated[bool, Field(description="every step, not only the last")] = False
