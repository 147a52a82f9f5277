"""A message of the outbox as an object, claimed for delivery."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from desk.deliver import Known
from desk.notice import Notice
from desk.person import Place

if TYPE_CHECKING:
    from desk.vault import Vault


class Message(BaseModel):
    """What shall be told, and what is known of it.

    `until` is when the claim ends, by the clock of this process's event loop.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    command_id: str
    place: Place
    notice: Notice
    version: int
    known: Known
    is_paced: bool
    attempts: int
    claim: str
    until: float


def read_message(vault: Vault, row: Any, **claim: Any) -> Message | None:
    """Read a row; None when no key opens it."""
    place = vault.open(row["command_id"], row["place"])
    notice = read_notice(vault, row)
    if place is None or notice is None:
        return None
    return Message(
        id=row["id"],
        command_id=row["command_id"],
        place=place,
        notice=notice,
        version=row["version"],
        known=Known(row["receipt"], row["anchor"], row["tried_at"]),
        is_paced=row["is_paced"],
        attempts=row["attempts"],
        **claim,
    )


def is_readable(vault: Vault, row: Any) -> bool:
    """Whether this version understands what a row shall say, if a key opens it."""
    try:
        read_notice(vault, row)
    except ValidationError:
        return False
    return True


def read_notice(vault: Vault, row: Any) -> Notice | None:
    """Read what a row shall say; None when no key opens it."""
    found = vault.open(row["command_id"], row["notice"])
    return None if found is None else Notice.model_validate(found)
