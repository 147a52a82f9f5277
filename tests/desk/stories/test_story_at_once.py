"""Answers that come at once, where a job is the rule."""

import pytest
from starlette.responses import JSONResponse

from desk.notice import Outcome
from sandbox.server import serve


@pytest.fixture
async def at_once(bench, node):
    """Let every DELETE be answered by what is put in here: a status and a body."""
    said = []

    async def app(scope, receive, send):
        if scope["type"] == "http" and scope["method"] == "DELETE":
            await JSONResponse(said[0][1], said[0][0])(scope, receive, send)
        else:
            await node.app(scope, receive, send)

    async with serve(app) as url:
        bench.desk.cloud.url = f"{url}/zstack"
        yield said


async def test_a_refusal_instead_of_a_job_is_a_failure(bench, at_once):
    at_once.append((503, {"error": {"code": "SYS.1010", "details": "starting"}}))

    row = await bench.detach("web-01")

    assert (row.outcome, row.error.code) == (Outcome.FAILED, "SYS.1010")


async def test_a_session_that_is_refused_at_once_is_asked_for(bench, at_once):
    at_once.append((503, {"error": {"code": "ID.1001"}}))

    row = await bench.detach("web-01")

    assert (row.step, row.sent_at, row.memo.resume) == ("login.1", None, "decide.1")


async def test_a_result_instead_of_a_job_is_proven_by_the_vm(bench, at_once):
    vm = bench.node.world.vm("web-01")
    at_once.append((200, {"inventory": {"uuid": vm.uuid, "vmCdRoms": []}}))

    row = await bench.detach("web-01")

    assert row.outcome is Outcome.UNCHANGED
    assert bench.told.last.title.startswith("ZStack reported success, but")
