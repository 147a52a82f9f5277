"""Tell the caller that a job ended (protocol.md 1.7)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import httpx

from sandbox.zstack.encode import gson

if TYPE_CHECKING:
    from sandbox.zstack.jobs import Job
    from sandbox.zstack.node import Node

_TYPE = "application/json; charset=utf-8"


async def call_back(node: Node, url: str, job: Job) -> None:
    """POST the job's outcome until somebody takes it or the tries run out."""
    times = {"never": 0, "twice": 2}.get(node.settings.web_hook, 1)
    # The real node verifies no certificate, and knows no proxy.
    async with httpx.AsyncClient(verify=False, trust_env=False) as client:  # noqa: S501 - see above
        for _ in range(times):
            await _deliver(node, client, url, job)


async def _deliver(node: Node, client: httpx.AsyncClient, url: str, job: Job) -> None:
    headers = {
        "Content-Type": _TYPE,
        "X-Job-UUID": job.uuid,
        "X-Job-Success": "true" if job.status == httpx.codes.OK else "false",
    }
    body = gson(job.body, node.settings)
    for _ in range(node.settings.web_hook_tries):
        node.log.web_hooks.append(job.uuid)
        try:
            reply = await client.post(url, content=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL):
            pass
        else:
            if reply.is_success:
                return
        await asyncio.sleep(node.settings.web_hook_interval)
