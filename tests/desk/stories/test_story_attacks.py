"""What somebody who wanted to break it found, and what becomes of it now."""

import pytest
from sqlalchemy import select, update

from api.answer import Answer
from desk import tables
from desk.notice import Notice, Outcome, Slot
from desk.offers import click
from desk.person import Standing
from tests.desk.conftest import ALICE, BOB, PLACE


def test_what_no_database_can_store_is_replaced():
    data = Answer(200, '{"name": "a\\u0000b\\ud83d", "list": ["\\\\u0000", 1]}').data()

    assert data == {"name": "a\ufffdb?", "list": ["\\u0000", 1]}


async def test_a_zero_in_a_name_stops_nobody(bench):
    bench.node.world.vm("web-01").name = "web\x0001"
    uuid = bench.node.world.vm("web\x0001").uuid

    row = await bench.detach(uuid)

    assert row.outcome is Outcome.SUCCEEDED
    assert row.resource_name == "web\ufffd01"


async def test_the_parts_of_a_batch_stay_with_the_account_of_the_whole(story, bench):
    row = await story.to("ask.1", "db-01")
    await bench.carry()
    await story.press("All 2")
    row = await bench.settle(row, until="batch.1")
    await story.log_out()
    await bench.log_in(account="admin")

    row = await bench.settle(row)

    assert row.outcome is Outcome.REFUSED
    assert bench.actions("db-01") == []


async def test_a_cancel_ends_the_message_that_was_posted_in_that_moment(story, bench):
    await story.to("follow.1")
    second = await bench.accept(
        "DetachIsoFromVmInstance", key="k2", vm_instance_uuid="web-01"
    )
    seen = await bench.settle(second, until="turn.1")
    for held in await bench.desk.ledger.claim(9):
        if held.id == seen.id:
            await bench.runner.advance(held)
    await bench.carry()

    await bench.desk.ledger.cancel(seen)
    await bench.settle(seen)

    said = [n for n in bench.told.notices(Slot.ANSWER) if n.command_id == seen.id]
    assert not said or said[-1].outcome is Outcome.REFUSED


async def test_a_message_of_another_version_stops_no_other(bench):
    outbox, box = bench.desk.outbox, tables.message
    await outbox.tell(PLACE, Notice(slot=Slot.PRIVATE, command_id="new", title="?"))
    strange = {"slot": "private", "title": "?", "outcome": "of tomorrow"}
    sealed = bench.desk.vault.seal("new", strange)
    async with bench.desk.store.write() as connection:
        await connection.execute(update(box).values(notice=sealed))
    bench.clock.now += 1
    await outbox.tell(PLACE, Notice(slot=Slot.PRIVATE, command_id="c", title="Hello"))

    await bench.carry()

    assert [one.title for one in bench.told.notices()] == ["Hello"]
    async with bench.desk.store.read() as connection:
        query = select(box.c.due, box.c.gave_up).where(box.c.command_id == "new")
        due, gave_up = (await connection.execute(query)).one()
    assert (due > bench.clock.now, gave_up) == (True, False)


async def test_a_row_of_another_version_keeps_nobody_from_logging_in(story, bench):
    old = await bench.detach("web-02", key="k0")
    async with bench.desk.store.write() as connection:
        odd = update(tables.command).where(tables.command.c.id == old.id)
        await connection.execute(odd.values(outcome="of tomorrow"))
    await story.log_out()
    row = await story.to("login.1")
    await bench.carry()

    await story.connect()

    assert (await bench.settle(row)).outcome is Outcome.SUCCEEDED


async def test_who_logs_in_while_a_command_is_about_to_wait_for_it_waits_no_more(
    story, bench
):
    await story.log_out()
    row = await bench.accept("DetachIsoFromVmInstance", vm_instance_uuid="web-01")
    names = bench.people.names

    async def slow(person):
        await bench.log_in()
        return await names(person)

    bench.people.names = slow

    row = await bench.settle(row)

    assert row.outcome is Outcome.SUCCEEDED


async def test_a_log_out_ends_the_session_that_it_deletes(bench):
    desk = bench.desk
    await desk.sessions.get(ALICE)
    await bench.log_in(account="admin")
    desk.sessions._cache.clear()

    held = await desk.sessions.log_out(ALICE)

    assert held.account_name == "admin"
    assert not bench.node.sessions._by_uuid


@pytest.mark.parametrize("who", ["guest", "nobody logged in"])
async def test_who_may_not_does_not_use_a_button_up(story, bench, who):
    await bench.detach("web-01")
    offer = bench.press("Undo")
    if who == "guest":
        bench.people.standings[BOB.user] = Standing.GUEST
    bench.clock.now += 1
    await click(bench.desk, offer, person=BOB, place=PLACE, trigger="1")
    row = (await bench.desk.ledger.history(person=BOB))[0]
    row = await bench.settle(row)
    if row.step == "login.1":
        bench.clock.now += 901
        row = await bench.settle(row)
        assert row.outcome is Outcome.EXPIRED
        return

    await story.press("Undo")
    row = (await bench.desk.ledger.history(person=ALICE))[0]

    assert (await bench.settle(row)).outcome is Outcome.SUCCEEDED


async def test_many_looks_hide_no_command(bench):
    await bench.detach("web-02", key="k0")
    for number in range(30):
        bench.clock.now += 1
        await bench.settle(await bench.accept("whoami", key=f"w{number}"))
    bench.clock.now += 1

    await bench.settle(await bench.accept("history", key="h"))

    assert len(bench.told.last.table) == 2


async def test_the_link_of_a_cancelled_log_in_is_gone(story, bench):
    await story.log_out()
    row = await story.to("login.1")
    await bench.desk.ledger.cancel(row)

    async with bench.desk.store.read() as connection:
        found = (await connection.execute(select(tables.ticket))).all()

    assert found == []
