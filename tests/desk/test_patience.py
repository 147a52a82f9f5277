"""A database that does not answer in time: what the person hears is never wrong."""

import asyncio

import pytest

from desk import patience
from desk.errors import NotConfirmed, StoreUnavailable
from desk.offers import click
from tests.desk.conftest import ALICE, PLACE

INSERT, UPDATE, COMMIT = b"INSERT INTO command", b"UPDATE command", b"COMMIT;"


@pytest.fixture(autouse=True)
def _hurry(monkeypatch):
    monkeypatch.setattr(patience, "PATIENCE", 0.5)


@pytest.fixture
def database_url(proxy):
    """A PostgreSQL at the end of a wire that can be cut."""
    return proxy.url


@pytest.fixture(autouse=True)
async def _mended(bench, proxy):
    yield
    proxy.mend()
    await asyncio.gather(*patience._left, return_exceptions=True)


async def accept(bench):
    return await bench.accept("whoami")


@pytest.fixture
async def press(bench):
    """Press a button, again and again."""
    await bench.detach("db-01")
    button = bench.told.last.choices[0].offer

    async def pressed():
        await click(bench.desk, button, person=ALICE, place=PLACE, trigger="t")

    return pressed


async def test_an_insert_that_does_not_arrive_is_not_accepted(bench, proxy):
    proxy.cut_before(INSERT)

    with pytest.raises(StoreUnavailable) as caught:
        await accept(bench)

    assert not isinstance(caught.value, NotConfirmed)


async def test_what_was_not_accepted_does_not_come_to_life_later(bench, proxy):
    proxy.cut_before(INSERT)
    with pytest.raises(StoreUnavailable):
        await accept(bench)

    proxy.mend()
    await asyncio.wait(patience._left)

    assert await bench.desk.ledger.history() == []


async def test_a_commit_whose_answer_does_not_come_is_not_confirmed(bench, proxy):
    proxy.cut_after(COMMIT)

    with pytest.raises(NotConfirmed):
        await accept(bench)


async def test_the_same_delivery_again_finds_what_was_not_confirmed(bench, proxy):
    proxy.cut_after(COMMIT)
    with pytest.raises(NotConfirmed):
        await accept(bench)

    proxy.mend()
    row = await accept(bench)

    assert await bench.desk.ledger.history() == [row]


async def test_a_server_that_does_not_take_connections_has_accepted_nothing(
    bench, proxy
):
    await bench.desk.store.engine.dispose()
    proxy.cut()

    with pytest.raises(StoreUnavailable) as caught:
        await accept(bench)

    assert not isinstance(caught.value, NotConfirmed)


async def test_a_connection_that_breaks_at_the_commit_is_not_confirmed(
    bench, proxy, postgres
):
    proxy.cut_after(COMMIT)
    accepting = asyncio.create_task(accept(bench))
    await proxy.was_cut.wait()

    await proxy.hang_up()

    with pytest.raises(NotConfirmed):
        await accepting


async def test_a_click_that_does_not_arrive_is_not_accepted(bench, proxy, press):
    proxy.cut_before(UPDATE)

    with pytest.raises(StoreUnavailable) as caught:
        await press()

    assert not isinstance(caught.value, NotConfirmed)


async def test_a_click_whose_commit_is_not_answered_is_not_confirmed(
    bench, proxy, press
):
    proxy.cut_after(COMMIT)

    with pytest.raises(NotConfirmed):
        await press()


async def test_the_same_click_again_finds_what_was_not_confirmed(bench, proxy, press):
    proxy.cut_after(COMMIT)
    with pytest.raises(NotConfirmed):
        await press()

    proxy.mend()
    await press()
    await bench.carry()

    said = [notice.title for notice in bench.told.notices()]
    assert any(title.startswith("This was pressed before") for title in said)


async def test_what_fails_after_something_was_recorded_is_not_confirmed(bench):
    @patience.promptly
    async def work():
        async with bench.desk.store.write():
            pass
        raise StoreUnavailable

    with pytest.raises(NotConfirmed):
        await work()


async def test_a_known_key_that_cannot_be_read_is_not_confirmed(bench, proxy):
    await accept(bench)
    proxy.cut_before(b"WHERE command.key =")

    with pytest.raises(NotConfirmed):
        await accept(bench)


async def test_nobody_waits_for_what_is_given_up(bench, proxy):
    proxy.cut()

    with pytest.raises(StoreUnavailable):
        await accept(bench)
    proxy.mend()
    await asyncio.wait(patience._left)

    assert not patience._left
