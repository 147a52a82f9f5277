"""Alerts as a source would tell them, and what became of them."""

import pytest
from sqlalchemy import select

from desk import tables
from desk.alerts.alert import Alert
from desk.alerts.book import record


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
def tell(bench):
    """Record tellings, a second after the last; how many were new."""

    async def tell(*alerts):
        bench.clock.now += 1
        return await record(bench.desk.store, alerts)

    return tell


@pytest.fixture
def groups(bench):
    """The groups, the oldest first."""

    async def groups():
        query = select(tables.alert_group).order_by(tables.alert_group.c.opened_at)
        async with bench.desk.store.read() as connection:
            return (await connection.execute(query)).mappings().all()

    return groups
