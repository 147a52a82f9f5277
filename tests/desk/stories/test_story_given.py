"""Secrets that a command needs: typed on a page, sent, and forgotten."""

import pytest
from sqlalchemy import select, update

from desk import login, tables
from desk.given import fault_of, give
from desk.login import TicketGone
from desk.notice import Outcome, Slot
from tests.desk.conftest import ALICE
from tests.leaks import secret

SECRET = secret("typed secret", "correct-horse-battery")


@pytest.fixture
async def asked(bench):
    """A change of a password that waits for its page; the row and the ticket."""
    row = await bench.accept("ChangeVmPassword", uuid="web-01", account="root")
    row = await bench.settle(row)
    return row, await ticket_of(bench)


async def ticket_of(bench):
    await bench.carry()
    told = next(one for one in reversed(bench.told.notices(Slot.PRIVATE)) if one.link)
    return await login.find(bench.desk, told.link[1].rpartition("/")[2])


async def sealed(bench):
    async with bench.desk.store.read() as connection:
        return (await connection.execute(select(tables.command.c.secrets_sealed))).all()


async def test_a_password_is_asked_for_on_a_page(bench, asked):
    row, ticket = asked

    told = next(one for one in reversed(bench.told.notices(Slot.PRIVATE)) if one.link)
    assert (row.step, row.question, ticket.kind) == ("login.1", "secret", "secret")
    assert told.title == "Type the password on a page that only you open"
    assert "on web-01 goes on by itself" in told.lines[1]


async def test_what_is_typed_is_sent_and_then_forgotten(bench, story, asked, proven):
    row, ticket = asked

    await give(bench.desk, ticket, {"password": SECRET})
    before = await sealed(bench)
    row = await bench.settle(row)

    proven(row)
    assert bench.node.world.vm("web-01").passwords == {"root": SECRET}
    assert before != [(None,)] == await sealed(bench)
    assert SECRET.encode() not in await bench.written()
    assert SECRET not in repr(bench.told.said) + repr(row) + row.model_dump_json()


async def test_a_page_is_used_once(bench, asked):
    _, ticket = asked
    await give(bench.desk, ticket, {"password": SECRET})

    with pytest.raises(TicketGone):
        await give(bench.desk, ticket, {"password": "another"})


async def test_a_page_that_nobody_fills_in_expires(bench, asked):
    row, ticket = asked
    bench.clock.now += 901

    row = await bench.settle(row)

    assert row.outcome is Outcome.EXPIRED
    assert "The page for" in bench.told.last.title
    with pytest.raises(TicketGone):
        await give(bench.desk, ticket, {"password": SECRET})


async def test_a_log_in_lets_nothing_go_on_that_waits_for_a_secret(bench, asked):
    row, _ = asked

    await login.let_go_on(bench.desk, ALICE)

    assert (await bench.settle(row)).step == "login.1"


async def test_a_crash_after_the_page_sends_it_all_the_same(
    bench, story, asked, proven
):
    row, ticket = asked
    await give(bench.desk, ticket, {"password": SECRET})
    await bench.settle(row, until="send.1")

    await story.crash()

    proven(await bench.settle(row))


async def test_a_failure_forgets_it_and_a_retry_asks_anew(bench, story, asked):
    row, ticket = asked
    bench.node.faults.add("fail", "ChangeVmPassword", code="SYS.1006")
    await give(bench.desk, ticket, {"password": SECRET})
    row = await bench.settle(row)
    assert (row.outcome, await sealed(bench)) == (Outcome.FAILED, [(None,)])

    await story.press("Retry")
    again = await bench.desk.ledger.by_id((await bench.desk.ledger.history())[0].id)
    again = await bench.settle(again)

    assert (again.id != row.id, again.question) == (True, "secret")


async def test_what_will_not_do_is_said_without_it(asked):
    row, _ = asked

    assert fault_of(row, {"password": SECRET}) is None
    assert fault_of(row, {"password": ""}) == "Please type the new password."
    assert fault_of(row, {"password": "x" * 33}) == (
        "The new password may have 32 characters at most."
    )


async def test_a_secret_whose_key_was_lost_is_not_sent_without_it(bench, asked):
    row, ticket = asked
    await give(bench.desk, ticket, {"password": SECRET})
    row = await bench.settle(row, until="send.1")
    async with bench.desk.store.write() as connection:
        lost = {"secrets_sealed": "sealed with a key that nobody has"}
        await connection.execute(update(tables.command).values(lost))

    row = await bench.settle(row)

    assert row.outcome is Outcome.FAILED
    assert "SECRET_KEYS lacks" in bench.told.last.title
    assert bench.node.log.actions() == []
