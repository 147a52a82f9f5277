"""A button or an answer is about a VM as it was: when that has moved on, it asks anew."""

import asyncio

import pytest

from desk.notice import Outcome, Slot
from desk.person import Standing
from desk.policy.file import read_policy
from tests.desk.conftest import ALICE, BOB


@pytest.fixture
def pressed(story, bench):
    """Press a button that starts something, and see how far that goes."""

    async def press(label, person=ALICE):
        bench.clock.now += 1
        await story.press(label, person)
        rows = await bench.desk.ledger.history(limit=1)
        return await bench.settle(rows[0])

    return press


async def test_an_undo_of_a_vm_that_has_stopped_since_asks_first(story, bench, pressed):
    await bench.detach("web-01")
    bench.node.world.vm("web-01").state = "Stopped"

    row = await pressed("Undo")

    asked = bench.told.last
    assert (row.step, asked.slot) == ("ask.1", Slot.PRIVATE)
    assert asked.title == (
        "web-01 has moved on since. Still attach ubuntu-24.04.iso to web-01?"
    )
    assert asked.lines == ("It was Running then and is Stopped now.",)
    assert story.labels == ["Attach it", "Leave it"]
    assert story.changes() == 1


async def test_a_fresh_yes_is_enough(story, bench, pressed):
    await bench.detach("web-01")
    bench.node.world.vm("web-01").state = "Stopped"
    row = await pressed("Undo")

    row = await story.answered(row, "Attach it")

    assert row.outcome is Outcome.SUCCEEDED
    assert story.changes() == 2


async def test_it_is_asked_again_when_it_moves_on_again(story, bench, pressed):
    await bench.detach("web-01")
    bench.node.world.vm("web-01").state = "Stopped"
    row = await pressed("Undo")
    bench.node.world.vm("web-01").state = "Running"

    row = await story.answered(row, "Attach it")

    assert row.step == "ask.1"
    assert bench.told.last.lines == ("It was Stopped then and is Running now.",)


async def test_an_undo_of_a_vm_on_another_host_says_where_it_was(bench, pressed):
    await bench.detach("web-01")
    vm = bench.node.world.vm("web-01")
    vm.host_uuid = next(uuid for uuid in bench.node.world.hosts if uuid != vm.host_uuid)

    await pressed("Undo")

    (line,) = bench.told.last.lines
    assert line.startswith("It was on ")
    assert "host" in line


async def test_an_undo_of_a_vm_with_another_iso_names_it(bench, pressed):
    await bench.detach("web-01")
    await bench.attach("web-01", "rescue.iso", key="k2")
    undo = next(
        it
        for notice in bench.told.notices(Slot.ANSWER)
        if notice.title == "Detached ubuntu-24.04.iso from web-01"
        for it in notice.choices
        if it.label == "Undo"
    )
    bench.press = lambda _: undo.offer

    await pressed("Undo")

    assert bench.told.last.lines == (
        "It had no ISO in its drives then and has rescue.iso now.",
    )


async def test_a_vm_that_is_as_it_was_is_not_asked_about(story, bench, pressed):
    await bench.detach("web-01")

    row = await pressed("Undo")

    assert row.outcome is Outcome.SUCCEEDED


async def test_what_is_already_as_wanted_is_not_asked_about(bench, pressed):
    await bench.detach("web-01")
    await bench.attach("web-01", "ubuntu-24.04.iso", key="k2")
    undo = next(
        it
        for notice in bench.told.notices(Slot.ANSWER)
        if notice.title.startswith("Detached")
        for it in notice.choices
        if it.label == "Undo"
    )
    bench.press = lambda _: undo.offer

    assert (await pressed("Undo")).outcome is Outcome.UNCHANGED


async def test_a_vm_that_moves_on_while_an_iso_is_chosen_is_asked_about(story, bench):
    row = await bench.detach("db-01")
    bench.node.world.vm("db-01").state = "Stopped"

    row = await story.answered(row, "rescue.iso")

    assert row.step == "ask.1"
    assert "db-01 has moved on since." in bench.told.last.title


async def test_what_else_there_is_to_ask_stands_in_the_same_question(story, bench):
    bench.people.policy = read_policy("rules: [{name: ask, effect: confirm}]")
    bench.node.world.vm("installer-01").state = "Stopped"
    row = await bench.detach("installer-01")
    bench.node.world.vm("installer-01").state = "Running"

    row = await story.answered(row, "Detach it")

    assert row.step == "ask.1"
    warning, change = bench.told.last.lines
    assert "was created from ubuntu-24.04.iso" in warning
    assert change == "It was Stopped then and is Running now."


async def test_so_is_one_of_which_all_isos_were_chosen(story, bench):
    row = await bench.detach("db-01")
    bench.node.world.vm("db-01").state = "Stopped"

    row = await story.answered(row, "All 2")

    assert row.step == "ask.1"
    assert bench.told.last.title.endswith("Still DetachIsoFromVmInstance db-01?")
    row = await story.answered(row, "Detach it")
    assert row.outcome is Outcome.SUCCEEDED
    assert story.changes() == 2


async def test_a_vm_that_moves_on_while_it_is_picked_is_asked_about(story, bench):
    row = await bench.detach("twin")
    (first, *_) = bench.told.last.choices
    for vm in bench.node.world.vms.values():
        if vm.name == "twin":
            vm.state = "Paused"

    row = await story.answered(row, first.label)

    assert row.step == "ask.1"
    assert "is Paused now" in bench.told.last.lines[0]


async def test_what_is_asked_after_a_retry_stands_under_the_same_rules(bench, pressed):
    await bench.detach("mounted-01")
    bench.node.world.vm("mounted-01").state = "Stopped"

    row = await pressed("Retry")

    assert row.step == "ask.1"
    assert "has moved on" in bench.told.last.title


async def test_of_two_presses_side_by_side_one_wins_and_the_other_is_told(story, bench):
    await bench.detach("web-01")
    bench.clock.now += 1

    await asyncio.gather(story.press("Undo", ALICE), story.press("Undo", BOB))
    row = (await bench.desk.ledger.history(limit=1))[0]
    await bench.settle(row)

    told = [it.title for it in bench.told.notices() if "pressed before" in it.title]
    assert len(told) == 1
    assert story.changes() <= 2


async def test_a_guest_does_not_use_a_button_up(story, bench, pressed):
    await bench.detach("web-01")
    bench.people.standings[BOB.user] = Standing.GUEST
    undo = bench.press("Undo")
    assert (await pressed("Undo", BOB)).outcome is Outcome.REFUSED
    bench.press = lambda _: undo

    assert (await pressed("Undo", ALICE)).outcome is Outcome.SUCCEEDED


@pytest.mark.parametrize(
    ("vm", "state", "labels"),
    [
        pytest.param("web-01", "Running", ["Detach ISO", "Stop", "Reboot"], id="runs"),
        pytest.param("web-02", "Running", ["Stop", "Reboot"], id="without an ISO"),
        pytest.param("web-02", "Stopped", ["Start"], id="stopped"),
        pytest.param("web-02", "Paused", ["Resume"], id="paused"),
        pytest.param("web-01", "Destroyed", ["Recover"], id="destroyed"),
        pytest.param("web-02", "Migrating", [], id="on its way"),
    ],
)
async def test_a_look_offers_what_fits_the_state(story, bench, vm, state, labels):
    bench.node.world.vm(vm).state = state

    await bench.settle(await bench.accept("QueryVmInstance", show=vm))

    assert story.labels == labels


async def test_what_a_look_offers_is_about_the_vm_as_it_was_seen(story, bench, pressed):
    bench.node.world.vm("web-02").state = "Stopped"
    await bench.settle(await bench.accept("QueryVmInstance", show="web-02"))
    bench.node.world.vm("web-02").state = "Paused"

    row = await pressed("Start")

    assert (row.step, row.words) == ("ask.1", "/zstack vm start web-02")
    assert bench.told.last.title == "web-02 has moved on since. Still start web-02?"


async def test_what_a_look_offers_is_done(story, bench, pressed):
    await bench.settle(await bench.accept("QueryVmInstance", show="web-01"))

    row = await pressed("Detach ISO")

    assert row.outcome is Outcome.SUCCEEDED
