"""ZStack before 3.3, whose inventories of VMs have no drives."""

import pytest

from desk.notice import Outcome
from sandbox.server import serve

BLIND = "ZStack does not tell what is in the drives of {}, so nothing was done"


def _old(app):
    """Hide the drives in every answer; of the same length, for its Content-Length."""

    async def older(scope, receive, send):
        async def tell(event):
            if "body" in event:
                event["body"] = event["body"].replace(b'"vmCdRoms"', b'"-CdRoms-"')
            await send(event)

        await app(scope, receive, tell)

    return older


@pytest.fixture
async def old(bench, node):
    """A node whose VMs have no drives; the drives themselves can be asked for."""
    async with serve(_old(node.app)) as url:
        bench.desk.cloud.url = f"{url}/zstack"
        yield


async def test_drives_that_an_inventory_leaves_out_are_asked_for(bench, old, proven):
    proven(await bench.detach("web-01"))

    asked = [one.api for one in bench.node.log.received]
    assert "QueryVmCdRom" in asked


async def test_an_empty_drive_is_known_to_be_empty(bench, old):
    assert (await bench.detach("web-02")).outcome is Outcome.UNCHANGED


async def test_two_isos_are_still_asked_about(story, bench, old, proven):
    row = await bench.detach("db-01")

    proven(await story.answered(row, "rescue.iso"))


async def test_an_attach_is_proven_as_well(bench, old, proven):
    proven(await bench.attach("web-02", "rescue.iso"))


async def test_a_detach_that_did_nothing_is_not_taken_for_success(story, bench, old):
    row = await story.to_the_end_of_its_job()
    iso = bench.node.world.iso("ubuntu-24.04.iso")
    bench.node.world.vm("web-01").cdroms[0].iso_uuid = iso

    assert (await bench.settle(row)).outcome is Outcome.UNCHANGED


@pytest.mark.parametrize("work", ["detach", "attach"])
async def test_drives_that_cannot_be_told_are_not_taken_for_empty(bench, old, work):
    bench.node.world.vm("web-01").cdroms.clear()
    isos = () if work == "detach" else ("rescue.iso",)

    row = await getattr(bench, work)("web-01", *isos)

    assert row.outcome is Outcome.REFUSED
    assert bench.told.last.title == BLIND.format("web-01")
    assert bench.node.log.actions() == []


async def test_a_job_that_tells_no_drives_proves_nothing(story, bench, old):
    row = await story.to_the_end_of_its_job()
    bench.node.world.vm("web-01").cdroms.clear()

    row = await bench.settle(row)

    assert row.outcome is Outcome.UNKNOWN
    assert "cannot be read" in story.answer.title
