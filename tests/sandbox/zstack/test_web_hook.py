import asyncio
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from sandbox.server import serve
from sandbox.zstack.world import World

WEB = World().vm("web-01").uuid
JOB = "0123456789abcdef0123456789abcdef"


class Inbox:
    """Takes callbacks, and answers with the statuses it was given first."""

    def __init__(self):
        self.arrived = asyncio.Queue()
        self.statuses = []

    async def take(self, request):
        await self.arrived.put((request.headers, await request.json()))
        return Response(status_code=self.statuses.pop(0) if self.statuses else 204)


@pytest.fixture
async def inbox() -> AsyncIterator[Inbox]:
    box = Inbox()
    app = Starlette(routes=[Route("/hook", box.take, methods=["POST"])])
    async with serve(app) as url:
        box.url = f"{url}/hook"
        yield box


async def send(client, node, hook):
    headers = {"X-Job-UUID": JOB, "X-Web-Hook": hook}
    await client.send("DELETE", f"/vm-instances/{WEB}/iso", headers=headers)
    await node.idle()


async def test_the_callback_is_the_job_itself(ops, node, inbox):
    await send(ops, node, inbox.url)

    headers, body = inbox.arrived.get_nowait()
    assert (headers["x-job-uuid"], headers["x-job-success"]) == (JOB, "true")
    assert body == (await ops.poll(JOB)).json()


async def test_a_failure_is_told_as_one(ops, node, inbox):
    node.faults.add("fail", "DetachIsoFromVmInstance", code="SYS.1015")

    await send(ops, node, inbox.url)

    headers, body = inbox.arrived.get_nowait()
    assert headers["x-job-success"] == "false"
    assert body["error"]["code"] == "SYS.1015"


@pytest.mark.parametrize(
    ("when", "count"),
    [("normal", 1), ("early", 1), ("twice", 2), ("never", 0)],
)
async def test_the_callback_comes_as_often_as_it_is_set_to(
    ops, node, inbox, when, count
):
    node.settings.change(web_hook=when)

    await send(ops, node, inbox.url)

    assert inbox.arrived.qsize() == count


async def test_an_early_callback_comes_before_the_202(ops, node, inbox):
    node.settings.change(web_hook="early")
    headers = {"X-Web-Hook": inbox.url}

    await ops.send("DELETE", f"/vm-instances/{WEB}/iso", headers=headers)

    assert inbox.arrived.qsize() == 1


async def test_a_callback_is_tried_until_it_is_taken(ops, node, inbox):
    inbox.statuses = [500, 302]

    await send(ops, node, inbox.url)

    assert inbox.arrived.qsize() == 3


@pytest.mark.parametrize("hook", ["http://127.0.0.1:1/hook", "http://[", "nowhere"])
async def test_a_callback_nobody_takes_is_dropped(ops, node, hook):
    await send(ops, node, hook)

    assert node.log.web_hooks == [JOB] * 15
