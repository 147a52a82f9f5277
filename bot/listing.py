"""The ledger on the command line: for people a line each, for programs JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desk.command import Command


def as_json(rows: Sequence[Command]) -> None:
    """Print what programs may know of them."""
    typer.echo(json.dumps(list(map(_public, rows)), indent=2, ensure_ascii=False))


def as_lines(rows: Sequence[Command]) -> None:
    """Print when, what came of it, who, which VM, and the words."""
    for row in rows:
        when = datetime.fromtimestamp(row.accepted_at, UTC)
        stands = f"{row.id}  {row.outcome:<9}  {row.person.user}"
        resource = row.resource_name or "-"
        typer.echo(f"{when:%Y-%m-%d %H:%M:%S}  {stands}  {resource}  {row.words}")


def _public(row: Command) -> dict[str, Any]:
    """What programs may know of a row; never the job uuid."""
    return {
        "command_id": row.id,
        "operation": row.operation,
        "words": row.words,
        "arguments": row.arguments,
        "outcome": str(row.outcome),
        "step": row.step,
        "person": row.person.model_dump(),
        "resource_uuid": row.resource_uuid,
        "resource_name": row.resource_name,
        "error": row.error.model_dump(mode="json", exclude_none=True)
        if row.error
        else None,
        "accepted_at": row.accepted_at,
        "started_at": row.started_at,
        "finished_at": row.finished_at,
    }
