"""Whom a rule is about."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from desk.person import Standing
from desk.policy.ids import GroupId, UserId
from desk.policy.truth import Truth, some

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from desk.policy.asked import Who

Words = Annotated[tuple[str, ...], Field(min_length=1)]
"""At least one: an empty list would be a condition that nobody meant."""


class Subjects(BaseModel):
    """People: whoever one of these fits; everybody when nothing is said."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    users: Annotated[tuple[UserId, ...], Field(min_length=1)] | None = None
    groups: Annotated[tuple[GroupId, ...], Field(min_length=1)] | None = None
    on_call: Words | None = None
    accounts: Words | None = None
    shell: bool | None = None

    @property
    def ids(self) -> frozenset[str]:
        """The people and user groups among them, as Slack knows them."""
        return frozenset((*(self.users or ()), *(self.groups or ())))

    def fit(self, who: Who) -> Truth:
        """Whether `who` is among them."""
        said = tuple(self._fits(who))
        return some(said) if said else True

    def _fits(self, who: Who) -> Iterator[Truth]:
        if self.users:
            yield _name(who) in self.users
        if self.groups:
            yield _in(self.groups, who.groups, who)
        if self.on_call:
            yield _in(self.on_call, who.on_call, who)
        if self.accounts:
            held = who.accounts
            yield None if held is None else any_fits(self.accounts, held)
        if self.shell is not None:
            yield who.person.is_shell is self.shell

    def __str__(self) -> str:
        """Name them for a sentence."""
        said = (
            ("", self.users),
            ("the user group ", self.groups),
            ("whoever is on call for ", self.on_call),
            ("whoever is in ZStack ", self.accounts),
        )
        parts = [f"{what}{', '.join(names)}" for what, names in said if names]
        if self.shell is not None:
            parts.append("people at the shell" if self.shell else "people in Slack")
        return " or ".join(parts) or "every full member"


def _name(who: Who) -> str:
    """A user id alone is one of our own workspace: others may have it too."""
    person = who.person
    is_ours = who.standing is Standing.MEMBER and not person.is_shell
    return person.user if is_ours else f"{person.team}/{person.user}"


def _in(wanted: Iterable[str], held: frozenset[str], who: Who) -> Truth:
    return some(
        True if it in held else None if it in who.unknown else False for it in wanted
    )


def any_fits(globs: Iterable[str], names: Iterable[str]) -> bool:
    """Whether one of the globs fits one of the names; case counts."""
    names = tuple(names)
    return any(fnmatchcase(name, glob) for glob in globs for name in names)
