"""Two answers to one question at the same moment."""

import asyncio

from desk.notice import Outcome
from desk.offers import click
from tests.desk.conftest import ALICE, PLACE


async def test_of_two_choices_at_the_same_moment_the_first_counts(bench):
    row = await bench.detach("db-01")
    offers = [choice.offer for choice in bench.told.last.choices[:2]]  # one ISO each
    turn = bench.desk.store._turn
    writers = turn._value
    for _ in range(writers):
        await turn.acquire()

    async with asyncio.TaskGroup() as group:
        for offer in offers:
            group.create_task(
                click(bench.desk, offer, person=ALICE, place=PLACE, trigger=offer)
            )
        while len(turn._waiters or ()) < len(offers):  # noqa: ASYNC110  # until both wait to write
            await asyncio.sleep(0)
        for _ in range(writers):
            turn.release()
    row = await bench.settle(row)

    assert row.outcome is Outcome.SUCCEEDED
    assert len(bench.actions("db-01")) == 1
    assert any("pressed before" in one.title for one in bench.told.notices())
