"""Move the database to this version of the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from desk.store import Store


async def migrate(store: Store) -> None:
    """Upgrade in one transaction; nothing happens when it is up to date."""
    async with store.engine.begin() as connection:
        await connection.run_sync(_upgrade)


async def is_current(store: Store) -> bool:
    """Tell whether the tables are this version's."""
    async with store.engine.connect() as connection:
        return await connection.run_sync(_is_head)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", "desk:migrations")
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    command.upgrade(_config(connection), "head")


def _is_head(connection: Connection) -> bool:
    head = ScriptDirectory.from_config(_config(connection)).get_current_head()
    return MigrationContext.configure(connection).get_current_revision() == head
