"""What must not be found in the database, nor in the log."""

import re

import pytest
import structlog
from structlog.testing import capture_logs

from tests.desk.conftest import ALICE, PLACE


@pytest.fixture
async def secrets(story, bench):
    """The secrets of a whole story with a log-in, by what they are."""
    await story.log_out()
    row = await bench.detach("web-01")
    await story.connect()
    row = await bench.settle(row)
    (link,) = (one.link[1] for one in bench.told.notices() if one.link)
    held = await bench.desk.sessions.need(ALICE)
    jobs = {one.job_uuid for one in bench.node.log.received if one.job_uuid}
    assert row.job_uuid in jobs
    return {
        "ticket": link.rpartition("/")[2],
        "session": held.session_uuid,
        "password": '"password"',
        "response_url": PLACE["response_url"],
    } | {f"job {number}": job for number, job in enumerate(jobs)}


async def test_the_database_holds_no_secret_in_the_clear(bench, secrets):
    written = await bench.written()

    assert b"web-01" in written
    assert [name for name, it in secrets.items() if it.encode() in written] == []


async def test_what_is_told_holds_no_secret_but_the_link(bench, secrets):
    said = " ".join(
        one.model_copy(update={"link": None}).model_dump_json()
        for one in bench.told.notices()
    )

    assert [name for name, it in secrets.items() if it in said] == []


async def test_the_log_holds_no_secret(story, bench):
    with capture_logs() as lines:
        bench.node.faults.add("drop-reply", "DetachIsoFromVmInstance")
        row = await bench.detach("web-01")
        structlog.get_logger().info("row", row=row, arguments=[row])

    held = await bench.desk.sessions.need(ALICE)
    written = repr(lines)
    assert row.id in written
    secret = (row.job_uuid, held.session_uuid, PLACE["response_url"])
    assert not any(re.search(re.escape(it), written) for it in secret)
