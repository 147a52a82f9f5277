"""A request as it comes in from an edge, before anything is known about it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from desk.person import Person, Place


class Request(BaseModel):
    """What somebody asked for. `arguments` are words yet, not uuids.

    `key` names the cause: the same delivery, click or retry carries the same key.
    """

    model_config = ConfigDict(frozen=True)

    key: str
    operation: str
    arguments: dict[str, Any] = {}
    words: str
    person: Person
    place: Place
