"""What the table holds of a command, and the command made of it again."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any

import structlog
from pydantic import ValidationError

from desk.command import Command

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from desk.vault import Vault

_letters = "abcdefghjkmnpqrstvwxyz23456789"  # nothing that is misread aloud

log = structlog.get_logger()


def public_id() -> str:
    """A short name for a row, which people may read to each other."""
    return "".join(secrets.choice(_letters) for _ in range(10))


def digest(secret: str) -> str:
    """What may be stored of a random secret, to find it again."""
    return hashlib.sha256(secret.encode()).hexdigest()


def columns(vault: Vault, row_id: str, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that a step's changes are written to; the job uuid goes in sealed."""
    values = dict(changes)
    if "job_uuid" in values:
        job_uuid = values.pop("job_uuid")
        values["job_sealed"] = job_uuid and vault.seal(row_id, job_uuid)
        values["job_digest"] = job_uuid and digest(job_uuid)
    if "secrets" in values:
        secrets_ = values.pop("secrets")
        values["secrets_sealed"] = secrets_ and vault.seal(row_id, secrets_)
    for name in ("memo", "before", "after", "error", "person"):
        if values.get(name) is not None:
            values[name] = values[name].model_dump(mode="json", exclude_none=True)
    return values


def readable(vault: Vault, rows: Iterable[Mapping[Any, Any]]) -> list[Command]:
    """Read rows to work on; one that another version wrote must not stop the others."""
    read = []
    for row in rows:
        try:
            read.append(to_command(vault, row))
        except ValidationError as error:
            faults = error.errors(include_url=False, include_input=False)
            log.error("row_unreadable", command=row["id"], faults=faults)  # noqa: TRY400  # the input may be a secret
    return read


def to_command(vault: Vault, row: Mapping[Any, Any]) -> Command:
    """Read a row of the table."""
    values = dict(row)
    sealed, _ = values.pop("job_sealed"), values.pop("job_digest")
    values["job_uuid"] = sealed and vault.open(values["id"], sealed)
    hidden = values.pop("secrets_sealed")
    values["secrets"] = (hidden and vault.open(values["id"], hidden)) or {}
    values["place"] = vault.open(values["id"], values["place"]) or {}
    for name in ("lease", "person_key", "turn", "woken_at"):
        values.pop(name)
    return Command.model_validate(values)
