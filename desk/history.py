"""Looking for commands in the ledger: by person, VM, outcome and time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Select, or_, select

from desk import tables
from desk.errors import UserError
from desk.notice import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement

EVERYBODY = "all"
ME = "me"
_UNITS = {"m": 60.0, "h": 3600.0, "d": 86_400.0}
_AGE = re.compile(r"(\d{1,4})([mhd])")
_rows = tables.command


class Search(BaseModel):
    """What to look for. `by` is whose, a user id, `me` or `all`; `since` is in seconds ago."""

    model_config = ConfigDict(frozen=True)

    by: str | None = None
    vm: str | None = None
    outcome: Outcome | None = None
    since: float | None = None

    @classmethod
    def of(cls, words: Mapping[str, Any]) -> Search:
        """Understand what was typed; raises UserError with what to mend."""
        return cls(
            by=words.get("by"),
            vm=words.get("vm"),
            outcome=_outcome(words.get("outcome")),
            since=span(words["since"]) if words.get("since") else None,
        )

    def narrow(self, query: Select[Any], now: ColumnElement[float]) -> Select[Any]:
        """Leave what fits of the rows that `query` finds."""
        if self.by and self.by != EVERYBODY:
            query = query.where(
                _rows.c.person_key.endswith(f"|{self.by}", autoescape=True)
            )
        if self.vm:
            named = (_rows.c.resource_uuid == self.vm, _rows.c.resource_name == self.vm)
            query = query.where(or_(*named))
        if self.outcome:
            query = query.where(_rows.c.outcome == self.outcome)
        if self.since:
            query = query.where(_rows.c.accepted_at > now - self.since)
        return query


def newest() -> Select[Any]:
    """All commands, the newest first."""
    return select(_rows).order_by(_rows.c.accepted_at.desc(), _rows.c.id)


def _outcome(word: str | None) -> Outcome | None:
    if word is None:
        return None
    try:
        return Outcome(word)
    except ValueError:
        message = f"“{word}” is no outcome. There are {', '.join(Outcome)}."
        raise UserError(message) from None


def span(word: str) -> float:
    """Read `30m`, `12h` or `7d` as seconds; raises UserError."""
    found = _AGE.fullmatch(word)
    if not found:
        message = f"“{word}” is no span of time. Write it as 30m, 12h or 7d."
        raise UserError(message)
    return int(found[1]) * _UNITS[found[2]]
