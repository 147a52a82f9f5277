"""Alerts as a source would tell them, and what became of them."""

import dataclasses

import pytest
from sqlalchemy import select

from desk import tables
from desk.alerts.alert import Alert
from desk.alerts.book import Book
from desk.alerts.cards import Cards
from desk.alerts.extras import CardExtras
from desk.alerts.routing import router
from desk.offers import click
from desk.service import Service
from tests.desk.conftest import ALICE, BOB, PLACE


def told(fingerprint="a", status="firing", at=1000.0, **more):
    """One telling of an alert of the group `g`."""
    known = {
        "source": "alertmanager",
        "group": "g",
        "fingerprint": fingerprint,
        "status": status,
        "at": at,
        "cause": f"{fingerprint} {status} {at}",
        "title": f"Alert {fingerprint}",
    }
    return Alert(**(known | more))


@pytest.fixture
def make_book(bench):
    """A book; what no route fits goes to C0ALERTS."""

    def make(default="C0ALERTS"):
        return Book(bench.desk.store, router(bench.desk.policy, default))

    return make


@pytest.fixture
def tell(bench, make_book):
    """Record tellings, a second after the last; how many were new."""

    async def tell(*alerts):
        bench.clock.now += 1
        return await make_book().record(alerts)

    return tell


@pytest.fixture
def groups(bench):
    """The groups, the oldest first."""

    async def groups():
        query = select(tables.alert_group).order_by(tables.alert_group.c.opened_at)
        async with bench.desk.store.read() as connection:
            return (await connection.execute(query)).mappings().all()

    return groups


@pytest.fixture
def make_cards(bench):
    """A worker's source of cards."""

    def make(**more):
        place = lambda channel: {"kind": "memory", "channel": channel}  # noqa: E731
        return Cards(bench.desk, place, **({"pause": 0} | more))

    return make


@pytest.fixture
def draw(bench, make_cards):
    """Draw what is due some seconds from now, and deliver it; what was said since."""

    async def draw(cards=None, after=10.0):
        cards, before = cards or make_cards(), len(bench.told.said)
        bench.clock.now += after
        while groups := await cards.claim(10):
            for group in groups:
                await cards.draw(group)
        await bench.carry()
        return bench.told.notices()[before:]

    return draw


@dataclasses.dataclass
class OnCall:
    """Somebody who sees cards and presses their buttons."""

    bench: object
    tell: object
    draw: object
    make_cards: object
    clicks: int = 0

    @property
    def card(self):
        """The newest card."""
        return [it for it in self.bench.told.notices() if it.stand][-1]

    @property
    def labels(self):
        return [it.label for it in self.card.choices]

    async def sees(self, *alerts, policy=None):
        """Let alerts come, and the card be drawn."""
        if policy:
            self.bench.desk = dataclasses.replace(self.bench.desk, policy=policy)
        await self.tell(*alerts)
        return await self.redrawn()

    async def redrawn(self):
        cards = self.make_cards(extend=CardExtras(self.bench.desk))
        await self.draw(cards)
        return self.card

    async def press(self, label, person=ALICE, card=None):
        choices = (card or self.card).choices
        offer = next(it.offer for it in choices if it.label == label)
        self.clicks += 1
        place = PLACE | {"message_ts": "1.1"}
        trigger = str(self.clicks)
        await click(self.bench.desk, offer, person=person, place=place, trigger=trigger)
        (row,) = await self.bench.desk.ledger.history(limit=1)
        return await self.bench.settle(row)


@pytest.fixture
async def on_call(bench, tell, draw, make_cards):
    service = Service(bench.desk.cloud, "admin-key:admin-key-secret")
    bench.desk = dataclasses.replace(bench.desk, service=service)
    await bench.log_in(BOB)
    return OnCall(bench, tell, draw, make_cards)
