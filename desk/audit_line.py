"""A row of the audit as one line that people read."""

from __future__ import annotations

import re
from datetime import datetime  # pydantic reads it
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

from desk.person import Person

if TYPE_CHECKING:
    from collections.abc import Mapping

    from desk.chain import Link

LONGEST = 300
_STRANGE = "nothing that this bot writes: run python -m bot audit verify"
_NAME = 60
_WORDS = 90
# What ends a line somewhere, and what people type to look like the next one.
_BREAKS = re.compile(r"\s+")
# What parts a line of ours, so that a name cannot pose as an approval.
_OURS = str.maketrans("“”·", '""-')


class _Thing(BaseModel):
    uuid: str | None = None
    name: str | None = None


class _Spot(BaseModel):
    kind: str | None = None
    channel: str | None = None


class _Verdict(BaseModel):
    effect: str


class Entry(BaseModel):
    """What a line tells of a row."""

    event: str
    at: datetime
    person: Person
    account: _Thing | None = None
    cloud: str | None = None
    where: _Spot = _Spot()
    words: str = ""
    resource: _Thing = _Thing()
    decision: _Verdict | None = None
    confirmed: bool = False
    approved_by: tuple[Person, ...] = ()
    glass_broken: bool = False
    reason: str | None = None
    outcome: str = ""

    @property
    def people(self) -> tuple[Person, ...]:
        """Everybody whom the line names."""
        return (self.person, *self.approved_by)


def read(link: Link) -> Entry | None:
    """Read a row; None when somebody put there what this bot does not write."""
    try:
        return Entry.model_validate_json(link.entry)
    except ValidationError:
        return None


def line(link: Link, names: Mapping[str, str]) -> str:
    """Say who did what, where, on which VM, what was decided and what came of it.

    `names` are those of people, by their keys.
    """
    entry = read(link)
    said = _said(entry, names) if entry else [_STRANGE]
    return _short(" · ".join([str(link.number), *filter(None, said)]), LONGEST)


def _said(entry: Entry, names: Mapping[str, str]) -> list[str]:
    words = f" “{_theirs(entry.words, _WORDS)}”" if entry.words else ""
    vm = entry.resource.name or entry.resource.uuid
    return [
        f"{entry.at:%Y-%m-%d %H:%M:%S} UTC",
        _who(entry, names),
        f"{entry.event}{words}",
        f"on {_theirs(vm, _NAME)}" if vm else "",
        *_decided(entry, names),
        entry.outcome,
    ]


def _who(entry: Entry, names: Mapping[str, str]) -> str:
    account = entry.account and entry.account.name
    parts = (
        _person(entry.person, names),
        f"as {_theirs(account, _NAME)}" if account else "",
        f"at {entry.cloud}" if entry.cloud else "",
        f"in {entry.where.channel}" if entry.where.channel else "",
        "at the shell" if entry.where.kind == "shell" else "",
    )
    return " ".join(filter(None, parts))


def _decided(entry: Entry, names: Mapping[str, str]) -> list[str]:
    by = ", ".join(_person(it, names) for it in entry.approved_by)
    why = f": “{_theirs(entry.reason, _WORDS)}”" if entry.reason else ""
    return [
        entry.decision.effect if entry.decision else "",
        "confirmed" if entry.confirmed else "",
        f"approved by {by}" if by else "",
        f"broke the glass{why}" if entry.glass_broken else "",
    ]


def _person(person: Person, names: Mapping[str, str]) -> str:
    """Name somebody, with the id, because anybody may call themselves anything."""
    name = _theirs(names.get(person.key, person.user), _NAME)
    return name if name == person.user else f"{name} ({person.user})"


def _theirs(text: str, longest: int) -> str:
    return _short(text.translate(_OURS), longest)


def _short(text: str, longest: int) -> str:
    text = _BREAKS.sub(" ", text)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
