"""How many commands one person may send."""

import pytest

from desk.rate import Rate, TooMany
from tests.desk.conftest import BOB


@pytest.fixture
def limited(bench):
    bench.desk.ledger._rate = Rate(2, 60)
    return bench


async def test_one_command_too_many_is_not_accepted_and_says_when_to_send_it(limited):
    await limited.accept("whoami", key="k1")
    await limited.accept("whoami", key="k2")

    with pytest.raises(TooMany, match="sent 2 commands within a minute"):
        await limited.accept("whoami", key="k3")

    assert len(await limited.desk.ledger.history()) == 2


async def test_what_is_delivered_again_finds_its_row_whatever_the_rate(limited):
    await limited.accept("whoami", key="k1")
    first = await limited.accept("whoami", key="k2")

    assert (await limited.accept("whoami", key="k2")).id == first.id


async def test_a_minute_later_there_is_room_again(limited):
    await limited.accept("whoami", key="k1")
    await limited.accept("whoami", key="k2")
    limited.clock.now += 61

    assert (await limited.accept("whoami", key="k3")).key == "k3"


async def test_others_are_not_held_back(limited):
    await limited.accept("whoami", key="k1")
    await limited.accept("whoami", key="k2")

    assert (await limited.accept("whoami", key="k3", person=BOB)).person == BOB


async def test_the_parts_of_a_batch_do_not_count(limited):
    row = await limited.detach("db-01")
    await limited.desk.ledger.cancel(row)
    async with limited.desk.store.write() as connection:
        for number in range(5):
            part = limited.request("whoami", key=f"part {number}")
            await limited.desk.ledger.insert(connection, part, parent=row)

    assert (await limited.accept("whoami", key="k2")).key == "k2"
