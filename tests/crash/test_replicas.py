"""Two replicas on one PostgreSQL: one of them dies or freezes, or the database is away."""

import asyncio
import contextlib
import random
import signal
import time

import pytest

from desk.claims import LEASE
from desk.outbox import LEASE as LETTER_LEASE
from tests.crash import tally
from tests.crash.dying import at_call, at_way, freezing
from tests.crash.load import PEOPLE, Load
from tests.crash.together import together
from tests.crash.world import made

GRACE = 15.0  # seconds after a lease in which somebody else has finished the work
LINE = "/detach-iso web-01"
FROZEN = {
    "before the first byte": at_way("after", "send.1", "sent.1", words=LINE),
    "with an answer of ZStack": at_call("before", "desk.steps.send:_accepted"),
    "in a transaction": at_way("before", "follow.1", "done.1", words=LINE),
    "before it ends a command": at_call("before", "desk.steps.verify:finish"),
}


@pytest.fixture
def databases(postgres):
    """A fresh database for each of the stories that are told side by side."""
    with contextlib.ExitStack() as stack:
        names = [stack.enter_context(postgres.database()) for _ in FROZEN]
        for name in names:
            postgres.migrate(name)
        yield [postgres.url(name) for name in names]


async def _start_both(world):
    for replica in range(2):
        await world.start(replica=replica)
    for user, account in PEOPLE.items():
        assert await world.log_in(user, account)


async def test_what_a_dead_replica_held_is_finished_by_the_other(
    nursery, tmp_path, postgres_url
):
    async with made(tmp_path, nursery, postgres_url, replicas=2) as world:
        await _start_both(world)
        async with Load(world, random.Random("replicas")) as load:
            await asyncio.sleep(4)

            await world.bots[0].kill()

            killed = time.monotonic()
            await load.end()
            left = {it.id for it in await world.books.entries() if not it.is_ended}
            assert left
            await world.ended(left, killed + LEASE + GRACE - time.monotonic())
            await world.settled(killed + LETTER_LEASE + GRACE - time.monotonic())
            await tally.check(world)


async def test_a_replica_that_freezes_past_its_lease_changes_nothing_when_it_wakes(
    nursery, tmp_path, databases
):
    urls = zip(FROZEN.items(), databases, strict=True)

    await together(
        {
            name: _freeze(made(tmp_path, nursery, url, replicas=2), point)
            for (name, point), url in urls
        }
    )


async def _freeze(made_world, point):
    async with made_world as world:
        await world.start()
        await world.log_in()
        await world.settled()
        await world.bot.kill()
        await world.start(freezing(point))
        frozen = world.bot
        await world.type(LINE)
        await world.struck(frozen)
        await world.start(replica=1)
        ids = {it.id for it in await world.books.entries()}
        await world.ended(ids, within=LEASE + GRACE)

        frozen.send(signal.SIGCONT)

        await frozen.ready(f"http://127.0.0.1:{world.ports[0]}")
        await world.settled(within=LETTER_LEASE + GRACE)
        await tally.check(world, ["succeeded"], actions=1)


async def test_twenty_seconds_without_a_database_lose_and_double_nothing(
    nursery, tmp_path, proxy, proxied_url, postgres_url
):
    async with made(
        tmp_path, nursery, proxied_url, books_url=postgres_url, replicas=2
    ) as world:
        await _start_both(world)
        async with Load(world, random.Random("outage")) as load:
            await asyncio.sleep(2)

            proxy.cut()
            await asyncio.sleep(20)
            proxy.mend()

            await asyncio.sleep(1)
            await proxy.hang_up()
            await load.end()
            await world.settled(within=90)
            assert load.refused
            assert not load.acknowledged - await world.books.words()
            await tally.check(world)
