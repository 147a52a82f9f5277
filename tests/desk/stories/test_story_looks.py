"""Looking at VMs: a list, or all about one."""

import pytest

from desk.notice import Outcome, Slot
from desk.steps import read


async def look(bench, **arguments):
    row = await bench.accept("QueryVmInstance", **arguments)
    return await bench.settle(row)


async def test_one_vm_is_shown_whole(bench):
    row = await look(bench, show="web-01")

    told = bench.told.notices(Slot.ANSWER)[-1]
    assert (row.outcome, told.title) == (Outcome.SUCCEEDED, "web-01 is Running")
    assert told.full
    names, vm = told.card.names, told.card.vm
    assert names[vm.host_uuid] == "east-host-1"
    assert names[vm.cluster_uuid].startswith("east-")


async def test_a_vm_without_a_cluster_is_shown_without_one(bench):
    bench.node.world.vm("web-01").cluster_uuid = None

    row = await look(bench, show="web-01")

    assert row.outcome is Outcome.SUCCEEDED
    assert bench.told.notices(Slot.ANSWER)[-1].card.vm.cluster_uuid is None


async def test_looking_changes_nothing_and_waits_for_nobody(story, bench):
    await story.to("follow.1")

    row = await bench.accept("QueryVmInstance", key="k2", show="web-01")
    row = await bench.settle(row, until="done.1")

    assert row.outcome is Outcome.SUCCEEDED
    assert row.job_uuid is None


async def test_a_name_that_several_have_is_asked_for(story, bench):
    row = await look(bench, show="twin")
    assert row.step == "ask.1"
    await bench.carry()

    await story.press("twin")
    row = await bench.settle(row)

    assert row.outcome is Outcome.SUCCEEDED


async def test_a_name_that_nobody_has_offers_the_nearest(story, bench):
    row = await look(bench, show="web-1")

    assert row.outcome is Outcome.REFUSED
    bench.clock.now += 1
    await story.press("web-01")
    row = (await bench.desk.ledger.history(limit=2))[0]
    assert row.words == "/zstack vm show web-01"


@pytest.mark.parametrize(
    ("words", "names"),
    [
        pytest.param("web", ["web-01", "web-02", "Web-03"], id="part of a name"),
        pytest.param("twin", ["twin", "twin"], id="two of a name"),
    ],
)
async def test_a_list_finds_by_a_part_of_the_name(bench, words, names):
    await look(bench, like=words)

    table = bench.told.last.table
    assert sorted(line[0] for line in table[1:]) == sorted(names)
    assert bench.told.last.title == f"{len(names)} VMs"


async def test_a_line_says_what_one_asks_at_night(bench):
    await look(bench, like="web-01")

    told = bench.told.last
    assert told.title == "1 VM"
    assert told.table[1] == (
        "web-01",
        "Running",
        "192.168.1.11",
        "east-host-1",
        "east",
        "ubuntu-24.04.iso",
    )


async def test_a_vm_with_many_addresses_does_not_fill_the_list(bench):
    await look(bench, like="big-01")

    (line,) = bench.told.last.table[1:]
    assert line[2].count(",") == 1
    assert line[2].endswith(" +6 more")


async def test_a_long_list_says_how_to_narrow_it(bench, monkeypatch):
    monkeypatch.setattr(read, "_SHOWN", 3)

    await look(bench)

    told = bench.told.last
    assert (told.title, len(told.table)) == ("The first 3 VMs", 4)
    assert told.next_step.startswith("Narrow it")


async def test_a_list_of_nothing_says_so(bench):
    await look(bench, like="nobody")

    assert bench.told.last.title == "No VM that you may see has “nobody” in its name"


async def test_who_may_see_no_vm_is_told_so(bench):
    world = bench.node.world
    admin = next(it for it in world.accounts.values() if it.name == "admin")
    for vm in world.vms.values():
        vm.owner_uuid = admin.uuid

    await look(bench)

    assert bench.told.last.title == "You may see no VM"


async def test_without_a_session_one_is_asked_to_log_in_first(story, bench):
    await story.log_out()

    row = await look(bench, show="web-01")

    assert row.step == "login.1"
