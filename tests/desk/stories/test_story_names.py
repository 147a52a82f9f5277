"""What the words of a command mean, and what is asked when they mean too much."""

import pytest

from desk.notice import Outcome
from desk.person import Standing
from tests.desk.conftest import BOB


@pytest.mark.parametrize("by", ["name", "uuid"])
async def test_an_iso_is_named_by_its_name_or_uuid(bench, by):
    iso = "rescue.iso" if by == "name" else bench.node.world.iso("rescue.iso")

    row = await bench.detach("db-01", iso)

    assert row.outcome is Outcome.SUCCEEDED
    left = [bench.node.world.iso("ubuntu-24.04.iso")]
    assert list(bench.node.world.vm("db-01").iso_uuids) == left


async def test_an_iso_that_is_elsewhere_changes_nothing(bench):
    row = await bench.detach("web-01", "debian-12.iso")

    assert row.outcome is Outcome.UNCHANGED
    assert bench.told.last.title == "debian-12.iso is not attached to web-01"
    assert bench.actions("web-01") == []


async def test_an_unknown_iso_is_refused_with_the_attached_ones_to_press(story, bench):
    row = await bench.detach("db-01", "ubuntu.iso")

    assert row.outcome is Outcome.REFUSED
    assert story.labels == ["ubuntu-24.04.iso", "rescue.iso"]
    await story.answered(row, "rescue.iso")
    assert story.answer.title == "Detached rescue.iso from db-01"


@pytest.mark.parametrize("by", ["uuid", "ip", "name"])
async def test_a_vm_is_named_by_uuid_address_or_name(bench, by):
    vm = bench.node.world.vm("my vm")
    words = {"uuid": vm.uuid, "ip": vm.nics[0].ip, "name": vm.name}[by]

    row = await bench.detach(words)

    assert row.outcome is Outcome.SUCCEEDED
    assert row.resource_uuid == vm.uuid


async def test_a_name_that_differs_in_case_is_offered_and_never_taken(story, bench):
    row = await bench.detach("WEB-01")

    assert row.outcome is Outcome.REFUSED
    assert story.labels[0] == "web-01"
    assert bench.node.log.actions() == []


async def test_a_name_that_is_like_no_other_says_where_to_look(story, bench):
    row = await bench.detach("zzzzzzzzzzzz")

    assert row.outcome is Outcome.REFUSED
    assert story.labels == []
    assert bench.told.last.next_step.startswith("/zstack vm list shows those")


async def test_twins_are_told_apart_in_a_picker(bench):
    row = await bench.detach("twin")

    assert row.step == "ask.1"
    first, second = bench.told.last.choices
    assert first.detail != second.detail
    assert {first.detail.split()[0], second.detail.split()[0]} == {"east", "west"}


async def test_two_isos_are_told_apart_by_drive(bench):
    await bench.detach("db-01")

    assert bench.told.last.pick
    drives = [choice.detail.split(" · ")[0] for choice in bench.told.last.choices]
    assert drives == ["drive 0", "drive 1", "one after the other"]


async def test_a_choice_leads_to_exactly_one_action(story, bench, proven):
    row = await bench.detach("db-01")
    await story.press("rescue.iso")
    await story.press("ubuntu-24.04.iso")

    proven(await bench.settle(row))
    assert bench.actions("db-01")[0].iso_uuid == bench.node.world.iso("rescue.iso")


async def test_somebody_elses_choice_does_nothing(story, bench):
    row = await bench.detach("db-01")

    await story.press("rescue.iso", BOB)

    row = await bench.settle(row)
    assert row.step == "ask.1"
    assert "Only the person who was asked" in bench.told.last.title


async def test_a_question_expires_after_a_quarter_of_an_hour(story, bench):
    row = await bench.detach("db-01")
    bench.clock.now += 901

    row = await story.answered(row, "rescue.iso")

    assert row.outcome is Outcome.EXPIRED
    assert bench.node.log.actions() == []


async def test_the_medium_of_a_running_vm_is_asked_about(story, bench):
    row = await bench.detach("installer-01")

    assert row.step == "ask.1"
    assert "was created from ubuntu-24.04.iso" in bench.told.last.title
    assert story.labels == ["Detach it", "Leave it"]


async def test_no_is_refused(story, bench):
    row = await story.answered(await bench.detach("installer-01"), "Leave it")

    assert row.outcome is Outcome.REFUSED
    assert bench.actions("installer-01") == []


async def test_yes_goes_on(story, bench, proven):
    proven(await story.answered(await bench.detach("installer-01"), "Detach it"))


async def test_an_iso_is_attached(bench, proven):
    proven(await bench.attach("web-02", "rescue.iso"))


async def test_an_attached_iso_is_attached_already(bench):
    row = await bench.attach("web-01", "ubuntu-24.04.iso")

    assert row.outcome is Outcome.UNCHANGED
    assert bench.actions("web-01") == []


async def test_a_vm_whose_drives_are_full_takes_no_iso(story, bench):
    row = await bench.attach("full-01", "virtio-win.iso")

    assert row.outcome is Outcome.FAILED
    assert row.error.code == "SYS.1006"
    assert story.answer.next_step


async def test_an_image_that_is_no_iso_is_judged_by_zstack(bench):
    row = await bench.attach("web-02", bench.node.world.image("centos-7").uuid)

    assert row.outcome is Outcome.FAILED
    assert row.error.code == "SYS.1007"


async def test_an_unknown_image_is_refused_with_the_nearest(story, bench):
    row = await bench.attach("web-02", "rescu.iso")

    assert row.outcome is Outcome.REFUSED
    assert story.labels[0] == "rescue.iso"


async def test_isos_of_one_name_are_told_apart(story, bench, proven):
    world = bench.node.world
    world.image("debian-12.iso").name = "rescue.iso"

    row = await bench.attach("web-02", "rescue.iso")

    details = {choice.detail for choice in bench.told.last.choices}
    assert details == {f"Enabled · Ready · {world.iso(n)[:8]}" for n in ISOS}
    proven(await story.answered(row, "rescue.iso"))


ISOS = ("rescue.iso", "debian-12.iso")


@pytest.mark.parametrize("standing", ["guest", "stranger", "bot", "deleted", "unknown"])
async def test_who_is_no_member_is_refused(bench, standing):
    bench.people.standings["UALICE"] = Standing(standing)

    row = await bench.detach("web-01")

    assert row.outcome is Outcome.REFUSED
    assert bench.told.last.lines
    assert bench.node.log.actions() == []
