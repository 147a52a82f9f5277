"""Starting, stopping and moving VMs, on the same one path as the ISOs."""

import pytest

from desk.notice import Outcome, Slot


async def ask(bench, operation, vm, **arguments):
    """Record and carry out an operation on a VM; the row where it came to rest."""
    field = "vm_instance_uuid" if operation == "MigrateVm" else "uuid"
    row = await bench.accept(operation, **{field: vm}, **arguments)
    return await bench.settle(row)


async def agreed(story, row):
    """Say yes to what is asked first; the row where it came to rest."""
    await story.bench.carry()
    await story.press(next(it for it in story.labels if it.endswith(" it")))
    return await story.bench.settle(row)


@pytest.mark.parametrize(
    ("operation", "vm", "before", "after"),
    [
        ("StartVmInstance", "batch-01", "Stopped", "Running"),
        ("ResumeVmInstance", "paused-01", "Paused", "Running"),
        ("StopVmInstance", "web-01", "Running", "Stopped"),
        ("RebootVmInstance", "web-01", "Running", "Running"),
        ("PauseVmInstance", "web-01", "Running", "Paused"),
    ],
)
async def test_a_vm_comes_to_the_wanted_state(
    story, bench, operation, vm, before, after
):
    row = await ask(bench, operation, vm)
    if row.step == "ask.1":
        row = await agreed(story, row)

    assert (row.outcome, row.before.state) == (Outcome.SUCCEEDED, before)
    assert bench.node.world.vm(vm).state == after
    assert story.changes() == 1
    assert (story.answer.card.state_before, story.answer.card.vm.state) == (
        before,
        after,
    )


async def test_what_disrupts_is_asked_first_and_says_the_state(bench):
    row = await ask(bench, "StopVmInstance", "web-01")

    told = bench.told.last
    assert (row.step, told.title) == ("ask.1", "Stop web-01?")
    assert told.lines == ("The VM is Running.",)
    assert bench.node.log.actions() == []


async def test_who_moves_a_vm_reads_first_of_the_iso_that_may_hold_it(bench):
    await ask(bench, "MigrateVm", "web-01", host_uuid="east-host-2")

    state, iso = bench.told.last.lines
    assert state == "The VM is Running."
    assert iso.endswith("Send /detach-iso web-01 first.")


async def test_what_is_so_already_is_not_sent(bench):
    row = await ask(bench, "StartVmInstance", "web-01")

    assert row.outcome is Outcome.UNCHANGED
    assert bench.told.last.title == "web-01 is Running already"
    assert bench.node.log.actions() == []


async def test_undo_of_a_stop_starts_it_again(story, bench):
    await agreed(story, await ask(bench, "StopVmInstance", "web-01"))

    await story.press("Undo")
    row = (await bench.desk.ledger.history(limit=2))[-1]
    await bench.settle(row)

    assert bench.node.world.vm("web-01").state == "Running"


async def test_a_reboot_cannot_be_undone(story, bench):
    await agreed(story, await ask(bench, "RebootVmInstance", "web-01"))

    assert "Undo" not in story.labels


async def test_a_state_that_does_not_allow_it_names_those_that_do(bench):
    row = await ask(bench, "ResumeVmInstance", "batch-01")

    assert row.outcome is Outcome.FAILED
    told = bench.told.notices(Slot.ANSWER)[-1]
    assert "while a VM is Paused" in told.next_step


async def test_a_lost_reboot_is_never_sent_again(story, bench):
    bench.node.faults.add("drop", "RebootVmInstance")

    row = await agreed(story, await ask(bench, "RebootVmInstance", "web-01"))

    assert row.outcome is Outcome.UNKNOWN
    assert story.changes() == 0


async def test_a_reboot_whose_answer_was_lost_is_found_by_its_job(story, bench):
    bench.node.faults.add("drop-reply", "RebootVmInstance")

    row = await agreed(story, await ask(bench, "RebootVmInstance", "web-01"))

    assert row.outcome is Outcome.SUCCEEDED
    assert story.changes() == 1


async def test_a_lost_start_is_sent_again(story, bench):
    bench.node.faults.add("drop", "StartVmInstance")

    row = await ask(bench, "StartVmInstance", "batch-01")

    assert (row.outcome, row.memo.resends) == (Outcome.SUCCEEDED, 1)
    assert story.changes() == 1


async def test_a_destroyed_vm_is_recovered(story, bench):
    bench.node.world.vm("web-01").state = "Destroyed"

    row = await ask(bench, "RecoverVmInstance", "web-01")

    assert row.outcome is Outcome.SUCCEEDED
    assert bench.node.world.vm("web-01").state == "Stopped"
    assert "Undo" not in story.labels


async def test_a_vm_migrates_to_the_host_that_was_picked(story, bench):
    row = await ask(bench, "MigrateVm", "worker-01")
    assert bench.told.last.title == "Which host shall worker-01 go to?"
    await story.press("west-host-2")
    row = await agreed(story, await bench.settle(row))

    hosts = {it.uuid: it.name for it in bench.node.world.hosts.values()}
    assert row.outcome is Outcome.SUCCEEDED
    assert hosts[bench.node.world.vm("worker-01").host_uuid] == "west-host-2"
    assert story.answer.title == "Migrated worker-01 to west-host-2"
    await story.press("Undo")


async def test_a_host_can_be_named(story, bench):
    row = await ask(bench, "MigrateVm", "worker-01", host_uuid="west-host-2")

    row = await agreed(story, row)

    assert row.outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize("host", ["west-host-3", "zzz"])
async def test_a_host_that_cannot_take_it_offers_those_that_can(bench, host):
    row = await ask(bench, "MigrateVm", "worker-01", host_uuid=host)

    told = bench.told.last
    assert row.outcome is Outcome.REFUSED
    assert told.title == f"worker-01 cannot go to a host “{host}”"
    assert [it.label for it in told.choices] == ["west-host-2"]


async def test_a_vm_without_another_host_stays(bench):
    row = await ask(bench, "MigrateVm", "batch-01")

    assert row.outcome is Outcome.REFUSED
    assert "no host" in bench.told.last.title


async def test_an_iso_on_local_storage_keeps_a_vm_where_it_is(story, bench):
    row = await agreed(
        story, await ask(bench, "MigrateVm", "web-01", host_uuid="east-host-2")
    )

    assert row.outcome is Outcome.FAILED
    assert "ISO" in row.error.details


async def test_a_vm_that_went_while_its_turn_came_is_said_to_be_gone(story, bench):
    row = await story.to("picture.1")
    del bench.node.world.vms[row.resource_uuid]

    row = await bench.settle(row)

    assert row.outcome is Outcome.REFUSED
    assert bench.told.last.title == "web-01 was deleted meanwhile, so nothing was done"


async def test_a_host_that_a_vm_came_to_only_now_is_named(story, bench):
    vm = bench.node.world.vm("batch-01")
    vm.host_uuid = vm.last_host_uuid = None
    hosts = {it.name: it.uuid for it in bench.node.world.hosts.values()}
    row = await story.bench.accept("StartVmInstance", uuid="batch-01")
    row = await bench.settle(row, until="send.1")
    vm.last_host_uuid = hosts["lab-host-1"]

    row = await bench.settle(row)

    assert row.outcome is Outcome.SUCCEEDED
    assert story.answer.card.names[hosts["lab-host-1"]] == "lab-host-1"


async def test_a_new_host_whose_name_is_not_told_is_shown_by_its_uuid(story, bench):
    row = await ask(bench, "MigrateVm", "worker-01", host_uuid="west-host-2")
    await story.press("Migrate it")
    row = await bench.settle(row, until="follow.1")
    await bench.node.idle()
    memo = row.remember(names={})
    bench.clock.now += 1
    (held,) = await bench.desk.ledger.claim(1)
    held = held.model_copy(update={"memo": memo})
    bench.node.faults.add("drop", "QueryHost", count=9)

    row = await bench.runner.advance(held) or await bench.desk.ledger.by_id(row.id)

    assert row.outcome is Outcome.SUCCEEDED
