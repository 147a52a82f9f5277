"""Rows as a table block, cut to what a message may hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.blocks.rich import paragraph, run
from handlers.blocks.text import Block, count, name, weight

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_ROWS = 100
_COLUMNS = 20
_CHARACTERS = 9_500
_CELL = 500


def table(rows: Sequence[Sequence[str]], room: int) -> list[Block]:
    """Show `rows`, the first of which is the header, and say what did not fit."""
    width = max(map(len, rows), default=0)
    if not width:
        return []
    grid = (_row(row, min(width, _COLUMNS)) for row in rows[:_ROWS])
    kept = list(_fitting(grid, min(room, _CHARACTERS)))
    return [*_block(kept), *_rest(len(rows) - max(1, len(kept)), width - _COLUMNS)]


def _fitting(grid: Iterable[list[Block]], room: int) -> Iterator[list[Block]]:
    for row in grid:
        room -= weight(row)
        if room < 0:
            return
        yield row


def _row(row: Sequence[str], width: int) -> list[Block]:
    cells = [*row[:width], *[""] * (width - len(row))]
    return [{"type": "raw_text", "text": name(cell, _CELL)} for cell in cells]


def _block(rows: list[list[Block]]) -> list[Block]:
    if not rows:
        return []
    wrapped = [{"is_wrapped": True} for _ in rows[0]]
    return [{"type": "table", "rows": rows, "column_settings": wrapped}]


def _rest(rows: int, columns: int) -> list[Block]:
    left = [
        count(number, thing)
        for number, thing in ((rows, "more row"), (columns, "more column"))
        if number > 0
    ]
    return [paragraph(run(f"Not shown: {' and '.join(left)}."))] if left else []
