"""Move the database to this version of the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, select

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from desk.store import Store

_LOCK = 0x7A737461636B  # whoever migrates holds it, so that replicas take turns


async def migrate(store: Store) -> bool:
    """Upgrade in one transaction, one process after another; False when up to date."""
    if await is_current(store):
        return False
    async with store.engine.begin() as connection:
        await connection.run_sync(_upgrade)
    return True


async def is_current(store: Store) -> bool:
    """Tell whether the tables are this version's."""
    async with store.read() as connection:
        return await connection.run_sync(_is_head)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", "desk:migrations")
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":  # SQLite lets one writer in anyway
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    command.upgrade(_config(connection), "head")


def _is_head(connection: Connection) -> bool:
    head = ScriptDirectory.from_config(_config(connection)).get_current_head()
    return MigrationContext.configure(connection).get_current_revision() == head
