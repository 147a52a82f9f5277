"""Waiting for a turn: whoever gave it away unseen is noticed at the last moment."""

import pytest
from sqlalchemy import update

from desk import tables
from desk.command import Next

ROWS = tables.command


@pytest.fixture
async def pair(bench):
    """One acts on a VM, and another waits for it in the hands of a worker."""
    detach = {"operation": "DetachIsoFromVmInstance", "vm_instance_uuid": "web-01"}
    acts = await bench.accept(**detach, key="a")
    bench.clock.now += 1
    waits = await bench.accept(**detach, key="b")
    await write(bench, acts, step="follow.1", turn="vm", due=None)
    await write(bench, waits, step="turn.1")
    (held,) = await bench.desk.ledger.claim(10)
    return acts, held


async def write(bench, row, **values):
    changed = update(ROWS).where(ROWS.c.id == row.id)
    async with bench.desk.store.write() as connection:
        await connection.execute(changed.values(resource_uuid="vm", **values))


async def seconds_to_wait(bench, held):
    await bench.desk.ledger.commit(held, Next("turn.1", due_in=30.0))
    return (await bench.desk.ledger.by_id(held.id)).due - bench.clock.now


async def test_who_is_in_front_is_waited_for(bench, pair):
    _, held = pair

    assert await seconds_to_wait(bench, held) == 30


async def test_a_turn_that_was_given_away_unseen_is_not_waited_for(bench, pair):
    acts, held = pair
    await write(bench, acts, step="done.1", turn=None, finished_at=bench.clock.now)

    assert await seconds_to_wait(bench, held) == 0
