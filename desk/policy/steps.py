"""`steps:` – which workflow steps run under the service key, with nobody to ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from desk.policy.conditions import Part, What, When, Where
from desk.policy.rule import Rule
from desk.policy.verdict import Effect

if TYPE_CHECKING:
    from collections.abc import Iterator


class Unattended(Part):
    """What a workflow may run without a person: which operations, on what, when."""

    name: Annotated[str, Field(min_length=1)]
    what: What = What()
    where: Where = Where()
    when: When = When()

    @property
    def rule(self) -> Rule:
        """The same as a rule that allows it."""
        return Rule(effect=Effect.ALLOW, **dict(self))


class Steps(Part):
    """Nothing runs without a person unless it is said here."""

    service_key: tuple[Unattended, ...] = ()

    @property
    def rules(self) -> Iterator[Rule]:
        """The lines as rules."""
        return (line.rule for line in self.service_key)
