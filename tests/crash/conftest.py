"""A world whose bots are killed, and one nursery for all of them."""

import pytest

from tests.crash import bots
from tests.crash.world import made


@pytest.fixture(scope="session")
def nursery_of_all():
    with bots.nursery() as made:
        yield made


@pytest.fixture
def nursery(nursery_of_all):
    return nursery_of_all


@pytest.fixture
async def world(tmp_path, nursery, sqlite_url):
    """Both stand-ins and an SQLite file; the bot is not started yet."""
    async with made(tmp_path, nursery, sqlite_url, job_seconds=0.3) as it:
        yield it
