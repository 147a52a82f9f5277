"""What the node tells of itself."""

from __future__ import annotations

import time
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sandbox.zstack.errors import ApiError

if TYPE_CHECKING:
    from sandbox.zstack.api import Call, Json


async def version(call: Call) -> Json:
    """Tell the release."""
    return {"version": call.node.settings.version}


async def current_time(_: Call) -> Json:
    """Tell the time."""
    now = time.time()
    return {"currentTime": {"MillionSeconds": int(now * 1000), "Seconds": int(now)}}


async def is_ready(call: Call) -> Json:
    """Tell whether the node is ready to serve."""
    if not call.node.settings.ready:
        raise ApiError(
            code="SYS.1010", zh="管理节点未就绪", en="management node is not ready"
        )
    return {}


async def time_zone(call: Call) -> Json:
    """Tell the zone of the timestamps."""
    zone = call.node.settings.timezone
    offset = f"{datetime.now(ZoneInfo(zone)):%z}"
    return {"timezone": zone, "offset": f"{offset[:3]}:{offset[3:]}"}


async def task_progress(call: Call) -> Json:
    """Tell how far a job has come."""
    uuid = call.variables["apiId"]
    entries = call.node.jobs.progress.get(uuid, [])
    return {
        "inventories": [
            {
                "taskUuid": uuid,
                "taskName": entry.name,
                "type": entry.type,
                "content": entry.content,
                "time": entry.time,
                "subTasks": [],
            }
            for entry in entries
        ]
    }
