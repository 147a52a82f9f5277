"""Everything that is sealed, sealed anew with the newest key, a few rows at a time."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Table, select, tuple_, update

from desk.tables import metadata

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from desk.store import Store
    from desk.vault import Vault

    Batch = tuple[Table, list[Column[Any]], Sequence[Any]]

AT_ONCE = 100  # rows of one transaction


def sealed_columns() -> dict[Table, list[Column[Any]]]:
    """The columns that are declared as sealed, by their tables."""
    found = {
        table: [column for column in table.columns if column.info.get("sealed")]
        for table in metadata.sorted_tables
    }
    return {table: columns for table, columns in found.items() if columns}


async def survey(store: Store, vault: Vault) -> Counter[str]:
    """Count what the newest key sealed, an older one, or one that is lost."""
    counts: Counter[str] = Counter()
    async for _, columns, rows in _batches(store):
        texts = (row[column.name] for row in rows for column in columns)
        counts.update(vault.state(text) for text in texts if text)
    return counts


async def rotate(store: Store, vault: Vault) -> Counter[str]:
    """Seal everything anew; counts like `survey` as it was before.

    It may be stopped and started again at any moment, and run beside a bot that has the
    same keys: what somebody else has written meanwhile is left to them.
    """
    counts: Counter[str] = Counter()
    async for table, columns, rows in _batches(store):
        async with store.write() as connection:
            for row, column in ((row, it) for row in rows for it in columns):
                text = row[column.name]
                state = vault.state(text) if text else "none"
                counts[state] += 1
                if state == "old":
                    mine = (it == row[it.name] for it in table.primary_key)
                    same = update(table).where(*mine, column == text)
                    anew = {column.name: vault.renewed(text)}
                    await connection.execute(same.values(anew))
    return counts


async def _batches(store: Store) -> AsyncIterator[Batch]:
    for table, columns in sealed_columns().items():
        keys = list(table.primary_key)
        query = select(*keys, *columns).order_by(*keys).limit(AT_ONCE)
        rows = await _read(store, query)
        while rows:
            yield table, columns, rows
            last = [rows[-1][key.name] for key in keys]
            rows = await _read(store, query.where(tuple_(*keys) > tuple_(*last)))


async def _read(store: Store, query: Any) -> Sequence[Any]:
    async with store.read() as connection:
        return (await connection.execute(query)).mappings().all()
