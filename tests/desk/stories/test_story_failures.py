"""What ZStack says no to, and what people are told to do."""

import pytest

from desk.advice import advice
from desk.notice import Outcome, Slot
from desk.steps.cautions import wrong_state
from sandbox.zstack.jobs import Task

# Who asks, what of, the code that decides, and a word of the advice (protocol.md §4).
TABLE = {
    "a VM in a wrong state": ("ops", "migrating-01", "VM.1010", "Running, Stopped"),
    "a guest that holds the tray": ("ops", "mounted-01", "SYS.1006", "umount"),
    "a host without its agent": ("ops", "agentless-01", "HOST.1010", "Reconnect"),
    "a user whom policy denies": ("viewer", "web-01", "SYS.1006", "policy"),
    "a VM that vanished": ("ops", "web-01", "SYS.1003", "Check the name"),
    "a VM that changed hands": ("ops", "web-01", "ID.1002", "Ask its owner"),
}


async def _fail(story, case):
    who, vm, *_ = TABLE[case]
    if who == "viewer":
        await story.log_out()
        await story.to("login.1")
        await story.connect("ops", "viewer")
    row = await story.to("send.1", vm, key="k2")
    world = story.bench.node.world
    if case == "a VM that vanished":
        del world.vms[row.resource_uuid]
    if case == "a VM that changed hands":
        world.vm(vm).owner_uuid = world.account("guest-tenant").uuid
    return await story.bench.settle(row)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("case", TABLE)
async def test_a_refusal_is_told_with_what_to_do(story, bench, case, language):
    _, _, code, hint = TABLE[case]
    bench.node.settings.change(language=language)

    row = await _fail(story, case)

    assert row.outcome is Outcome.FAILED
    assert row.error.root.code == code
    assert hint in story.answer.next_step
    assert story.answer.next_step == advice(
        row.error,
        states="Running, Stopped or Paused",
        wrong_state=wrong_state(row.asks, row.before, row.label),
    )


async def test_details_in_another_language_change_no_advice(story, bench):
    advised = []
    for language in ("zh", "en"):
        bench.node.settings.change(language=language)
        row = await bench.detach("migrating-01", key=language)
        advised.append((row.error.details, story.answer.next_step))

    (chinese, first), (english, second) = advised
    assert chinese != english
    assert first == second


async def test_a_vm_of_another_account_is_not_there(bench):
    row = await bench.detach("lonely-01")

    assert row.outcome is Outcome.REFUSED
    assert bench.actions("lonely-01") == []


async def test_causes_in_a_list_are_read_as_well(story, bench):
    bench.node.settings.change(causes_in_list=True)

    row = await bench.detach("migrating-01")

    assert row.error.root.code == "VM.1010"
    assert "Running, Stopped" in story.answer.next_step


async def test_a_failure_is_told_in_the_thread_too(story, bench):
    await bench.detach("mounted-01")

    assert story.posted(Slot.THREAD) == 1
    assert "umount" in bench.told.notices(Slot.THREAD)[0].next_step


async def test_retry_after_a_failure_does_it(story, bench, proven):
    failed = await bench.detach("mounted-01")
    bench.node.world.vm("mounted-01").tray_is_locked = False

    await story.answered(failed, "Retry")

    newest = (await bench.desk.ledger.history())[0]
    assert newest.id != failed.id
    assert newest.outcome is Outcome.SUCCEEDED


async def test_undo_brings_the_iso_back(story, bench):
    row = await bench.detach("web-01")

    await story.answered(row, "Undo")

    assert story.answer.title == "Attached ubuntu-24.04.iso to web-01"
    iso = bench.node.world.iso("ubuntu-24.04.iso")
    assert list(bench.node.world.vm("web-01").iso_uuids) == [iso]


async def test_an_undo_that_failed_can_be_tried_again(story, bench):
    row = await bench.detach("web-01")
    bench.node.faults.add("fail", "AttachIsoToVmInstance")
    await story.answered(row, "Undo")

    await story.answered(row, "Retry")

    assert story.answer.outcome is Outcome.SUCCEEDED


async def test_a_deleted_iso_can_still_be_taken_out(bench, proven):
    proven(await bench.detach("ghost-iso-01"))


async def test_a_read_that_zstack_refuses_fails_before_anything_is_sent(bench):
    bench.node.faults.add("fail", "QueryVmInstance", code="SYS.1006")

    row = await bench.detach("web-01")

    assert row.outcome is Outcome.FAILED
    assert bench.node.log.actions() == []


async def test_a_request_that_is_refused_in_text_fails_with_the_text(story, bench):
    row = await story.to("send.1")
    bench.desk.cloud.url += "/elsewhere"

    row = await bench.settle(row)

    assert row.outcome is Outcome.FAILED
    assert "did not take the request" in story.answer.title


async def test_success_without_a_change_is_unchanged(story, bench):
    row = await story.to_the_end_of_its_job()
    vm = bench.node.world.vm("web-01")
    vm.cdroms[0].iso_uuid = bench.node.world.iso("ubuntu-24.04.iso")

    row = await bench.settle(row)

    assert row.outcome is Outcome.UNCHANGED
    assert "is still attached" in story.answer.title


async def test_a_vm_that_cannot_be_read_is_proven_by_its_job(story, bench):
    row = await story.to_the_end_of_its_job()
    bench.node.world.vms.clear()

    row = await bench.settle(row)

    assert row.outcome is Outcome.SUCCEEDED
    assert story.answer.lines == (
        "Seen in the job's own answer; the VM could not be read.",
    )


@pytest.fixture
def slow_host(bench):
    """A host that takes 40 s, as the bench's clock goes."""
    bench.node.faults.add("stuck-done", "DetachIsoFromVmInstance")


async def test_progress_is_shown_at_most_every_five_seconds(story, bench, slow_host):
    row = await story.to("follow.1")
    for percent in range(1, 21):
        bench.node.jobs.progress[row.job_uuid] = [Task(**TASK, content=str(percent))]
        bench.clock.now += 1
        for claimed in await bench.desk.ledger.claim(1):
            await bench.runner.advance(claimed)
        await bench.carry()

    shown = [n.progress for n in bench.told.notices(Slot.ANSWER) if n.progress]
    assert shown == ["detach-iso 5 %", "detach-iso 11 %", "detach-iso 17 %"]


TASK = {"uuid": "0" * 32, "name": "detach-iso", "time": 0}


async def test_a_long_command_calls_its_asker_in_the_thread(story, bench, slow_host):
    row = await story.to("follow.1")
    bench.clock.now += 31

    row = await bench.settle(row)

    assert row.finished_at - row.started_at > 30
    assert story.posted(Slot.THREAD) == 1


async def test_a_short_command_calls_nobody(story, bench):
    await bench.detach("web-01")

    assert story.posted(Slot.THREAD) == 0


async def test_the_answer_is_edited_in_place(story, bench):
    await bench.detach("web-01")

    said = [one.outcome for one in bench.told.notices(Slot.ANSWER)]
    assert said == [Outcome.RUNNING, Outcome.SUCCEEDED]
    assert story.posted(Slot.ANSWER) == 1


async def test_an_iso_that_finds_no_empty_drive_says_how_to_empty_one(story, bench):
    await bench.attach("web-01", "rescue.iso")

    assert story.answer.next_step == (
        "No drive of web-01 is empty. Send /detach-iso web-01 first. Then press Retry."
    )
