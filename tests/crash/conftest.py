"""Worlds whose bots are killed, and one nursery for all of them."""

import shutil

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
def new_world(tmp_path, nursery, migrated_sqlite):
    """Makes worlds on SQLite files of their own, by name."""

    def make(name, **more):
        directory = tmp_path / name
        directory.mkdir()
        shutil.copy(migrated_sqlite, directory / "bot.sqlite3")
        url = f"sqlite:///{directory}/bot.sqlite3"
        return made(directory, nursery, url, **more)

    return make


@pytest.fixture
async def world(new_world):
    """Both stand-ins and an SQLite file; the bot is not started yet."""
    async with new_world("world", job_seconds=0.3) as it:
        yield it
