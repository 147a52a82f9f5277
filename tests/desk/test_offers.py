"""Buttons: opaque, expiring, asked again at the click, never ignored in silence."""

import asyncio

import pytest
from sqlalchemy import update

from desk import tables
from desk.notice import Outcome, Slot
from desk.offers import click
from desk.person import Standing
from tests.desk.conftest import ALICE, BOB, PLACE


@pytest.fixture
def press(bench):
    """Press the newest button of that name, and see everything through."""

    async def pressed(label, *, person=ALICE, trigger="t1", offer=None):
        offer = offer or bench.press(label)
        bench.clock.now += 1
        await click(bench.desk, offer, person=person, place=PLACE, trigger=trigger)
        rows = await bench.desk.ledger.history(limit=1)
        return await bench.settle(rows[0])

    return pressed


async def test_a_button_that_never_was_has_expired(bench, press):
    await bench.detach("web-02")

    await press("", offer="made-up")

    assert bench.told.last.slot is Slot.PRIVATE
    assert bench.told.last.title.startswith("This button has expired")


async def test_a_button_lives_a_quarter_of_an_hour(bench, press):
    await bench.detach("web-01")
    bench.clock.now += 901

    await press("Undo")

    assert "expired" in bench.told.last.title
    assert len(bench.actions("web-01")) == 1


async def test_undo_pressed_twice_is_done_once(bench, press):
    await bench.detach("web-01")
    undo = bench.press("Undo")
    row = await press("Undo", offer=undo)

    await press("Undo", offer=undo, trigger="t2")

    assert row.operation == "AttachIsoToVmInstance"
    assert row.words == "/attach-iso web-01 ubuntu-24.04.iso"
    assert len(bench.actions("web-01")) == 2
    assert "has succeeded" in bench.told.last.title


async def test_a_press_is_told_of_a_row_that_is_on_its_way(bench, press):
    await bench.detach("web-01")
    for trigger in "12":
        undo = bench.press("Undo")
        await click(bench.desk, undo, person=ALICE, place=PLACE, trigger=trigger)

    await bench.carry()

    assert bench.told.last.title.endswith("is on its way.")


@pytest.mark.parametrize(
    ("iso", "said"),
    [
        pytest.param("web-02", "changed nothing", id="unchanged"),
        pytest.param("lonely-01", "was refused", id="refused"),
        pytest.param("agentless-01", "has failed", id="failed"),
    ],
)
async def test_a_second_press_says_how_the_first_ended(bench, press, iso, said):
    row = await bench.detach("mounted-01")
    retry = bench.press("Retry")
    async with bench.desk.store.write() as connection:
        await _point(connection, retry, bench.node.world.vm(iso).uuid)
    await press("", offer=retry)

    await press("", offer=retry)

    assert said in bench.told.last.title
    assert row.outcome is Outcome.FAILED


async def _point(connection, offer, vm):
    """Let an offer mean another VM."""
    offers = tables.offer
    arguments = {"vm_instance_uuid": vm}
    payload = {
        "operation": "DetachIsoFromVmInstance",
        "arguments": arguments,
        "words": "again",
    }
    await connection.execute(
        update(offers).where(offers.c.id == offer).values(payload=payload)
    )


async def test_whoever_presses_is_asked_whether_they_may(bench, press):
    await bench.detach("web-01")
    bench.people.standings[BOB.user] = Standing.GUEST

    row = await press("Undo", person=BOB)

    assert (row.person, row.outcome) == (BOB, Outcome.REFUSED)
    assert "Guests" in bench.told.last.lines[0]
    assert len(bench.actions("web-01")) == 1


async def test_whoever_answers_is_asked_again_whether_they_may(bench, press):
    await bench.detach("db-01")
    bench.people.standings[ALICE.user] = Standing.DELETED

    row = await press("rescue.iso")

    assert row.outcome is Outcome.REFUSED
    assert bench.actions("db-01") == []


async def test_a_colleague_undoes_with_an_account_of_their_own(bench, press):
    await bench.detach("web-01")
    await bench.log_in(BOB, "admin")

    row = await press("Undo", person=BOB)

    assert row.outcome is Outcome.SUCCEEDED
    assert [one.account for one in bench.actions("web-01")] == ["ops", "admin"]


async def test_an_answer_is_taken_once_and_the_question_replaced(bench, press):
    await bench.detach("db-01")
    rescue, ubuntu = bench.press("rescue.iso"), bench.press("ubuntu-24.04.iso")
    row = await press("", offer=rescue)

    await press("", offer=ubuntu)

    assert row.outcome is Outcome.SUCCEEDED
    assert "has succeeded" in bench.told.last.title
    chosen = [it for it in bench.told.said if it[1].title == "You chose: rescue.iso"]
    assert [(place["replace"], said.lines) for place, said, _ in chosen] == [
        (True, (f"For {row.words}",))
    ]


async def test_of_two_answers_at_once_the_first_counts(bench):
    row = await bench.detach("db-01")
    offers = bench.press("rescue.iso"), bench.press("ubuntu-24.04.iso")

    await asyncio.gather(
        *(
            click(bench.desk, one, person=ALICE, place=PLACE, trigger=one)
            for one in offers
        )
    )
    await bench.settle(row)

    assert len(bench.actions("db-01")) == 1
    assert sum("pressed before" in one.title for one in bench.told.notices()) == 1


async def test_details_can_be_shown_again_and_again(bench, press):
    await bench.detach("web-01")
    details = bench.press("Details")
    await press("", offer=details)

    await press("", offer=details, trigger="t2")

    shown = [one for one in bench.told.notices(Slot.PRIVATE) if one.full]
    assert [one.card.vm.name for one in shown] == ["web-01", "web-01"]


async def test_the_command_line_holds_no_secret(bench, press):
    row = await bench.detach("web-01")

    await press("Command line")

    code = bench.told.last.code
    held = await bench.desk.sessions.get(ALICE)
    assert code.startswith("curl -X DELETE -H 'Authorization: OAuth <session-uuid>'")
    assert f"isoUuid={bench.node.world.iso('ubuntu-24.04.iso')}" in code
    assert row.job_uuid not in code
    assert held.session_uuid not in code


async def test_a_name_that_is_offered_is_what_the_command_then_says(bench, press):
    await bench.detach("WEB-01")

    row = await press("web-01")

    assert (row.words, row.outcome) == ("/detach-iso web-01", Outcome.SUCCEEDED)
