"""What is kept, and for how long."""

import pytest
from sqlalchemy import func, select, update

from desk import retention, tables
from desk.retention import DAY, ROWS, sweep

TABLES = ("command", "message", "offer", "ticket", "session", "alert_group", "alert")


async def count(bench):
    found = {}
    async with bench.desk.store.read() as connection:
        for name in TABLES:
            table = tables.metadata.tables[name]
            query = select(func.count()).select_from(table)
            found[name] = (await connection.execute(query)).scalar_one()
    return found


@pytest.fixture
async def used(bench):
    """A bench at which something of every kind happened and ended."""
    await bench.settle(await bench.accept("login", key="k0"))
    bench.clock.now += 1000
    await bench.settle(await bench.desk.ledger.by_key("k0"))
    await bench.detach("web-01")
    return bench


async def test_a_day_later_every_command_and_key_is_there(used):
    before = await count(used)
    used.clock.now += DAY - 1000

    await sweep(used.desk.store)

    after = await count(used)
    assert after["command"] == before["command"] == 2
    assert after["message"] == before["message"]
    again, is_new = await used.desk.ledger.accept(used.request("whoami", key="k1"))
    assert (again.words, is_new) == ("DetachIsoFromVmInstance web-01", False)


async def test_what_can_no_longer_be_pressed_goes_after_a_day(used):
    used.clock.now += 3 * DAY

    await sweep(used.desk.store)

    after = await count(used)
    assert (after["offer"], after["ticket"], after["session"]) == (0, 0, 0)


async def test_a_season_later_nothing_is_left(used, monkeypatch):
    monkeypatch.setattr(retention, "_AT_ONCE", 1)
    used.clock.now += ROWS + DAY

    assert await sweep(used.desk.store) > 2

    assert set((await count(used)).values()) == {0}


async def test_what_has_not_ended_is_never_swept_away(used):
    async with used.desk.store.write() as connection:
        await connection.execute(update(tables.command).values(finished_at=None))
    used.clock.now += 10 * ROWS

    await sweep(used.desk.store)

    after = await count(used)
    assert after["command"] == 2
    assert after["message"] > 0
