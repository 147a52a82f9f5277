"""Who has an alert in hand: recorded, shown on the card, given back at will."""

import pytest
from sqlalchemy import update

from desk import tables
from desk.alerts.cards import TAKE
from desk.alerts.taking import take
from desk.offers import click
from tests.desk.alerts.conftest import told
from tests.desk.conftest import ALICE, BOB, PLACE


@pytest.fixture
async def card(bench, tell, draw):
    """A card that stands in its channel."""
    await tell(told("a"))
    (card,) = await draw()
    return card


@pytest.fixture
def press(bench, card):
    """Press the button of the card; what the person is told."""
    triggers = iter(range(100))

    async def press(person=ALICE):
        offer = bench.press(TAKE)
        await click(
            bench.desk, offer, person=person, place=PLACE, trigger=str(next(triggers))
        )
        (row,) = [it for it in await bench.desk.ledger.history() if not it.finished_at]
        await bench.settle(row)
        return bench.told.last.title

    return press


async def test_who_takes_it_is_shown_on_the_card(bench, press, draw):
    assert await press() == "You have it: Alert a"

    (card,) = await draw()
    assert card.holder == ALICE
    assert bench.told.said[-1][2] == {"ts": "1"}


async def test_pressing_again_gives_it_back(press, draw):
    await press()

    assert await press() == "You gave it back: Alert a"

    assert [it.holder for it in await draw()] == [None]


async def test_another_takes_it_over(press, draw):
    await press()

    assert await press(BOB) == "You have it: Alert a"

    assert [it.holder for it in await draw()] == [BOB]


async def test_who_had_it_stays_on_the_card_when_it_is_over(press, tell, draw):
    await press()
    await tell(told("a", "resolved", 1060.0))

    (card,) = await draw()

    assert (card.holder, card.title) == (ALICE, "Resolved: Alert a")


async def test_a_press_counts_once_even_when_its_step_is_taken_twice(
    bench, press, draw
):
    await press()
    (row,) = await bench.desk.ledger.history()

    again = await take(bench.desk, row)

    assert again.notices[0][1].title == "You have it: Alert a"
    assert [it.holder for it in await draw()] == [ALICE]


async def test_an_alert_of_which_nothing_is_kept_says_so(bench, press):
    async with bench.desk.store.write() as connection:
        await connection.execute(update(tables.alert_group).values(id="gone"))

    assert "too old" in await press()
