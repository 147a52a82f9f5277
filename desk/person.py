"""Who asked, and where to answer."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from desk.policy.asked import Channel

SHELL = "shell"
"""The team of people who use the shell of the bot's own machine."""

Place = dict[str, Any]
"""Where an answer goes. Opaque to the desk; made and read by one edge; plain JSON."""


class Person(BaseModel):
    """A person: `enterprise` or "", home team, user. Never one of them alone."""

    model_config = ConfigDict(frozen=True)

    enterprise: str
    team: str
    user: str

    @property
    def key(self) -> str:
        """The identity in one text, for tables and caches; no two people share one."""
        names = (self.enterprise, self.team, self.user)
        return "|".join(it.replace("%", "%25").replace("|", "%7C") for it in names)

    @property
    def is_shell(self) -> bool:
        """Whether they sit at the shell of the bot's own machine."""
        return self.team == SHELL

    @classmethod
    def of(cls, key: str) -> Person:
        """Read a `key` back."""
        names = (it.replace("%7C", "|").replace("%25", "%") for it in key.split("|"))
        enterprise, team, user = names
        return cls(enterprise=enterprise, team=team, user=user)


SERVICE = Person(enterprise="", team="service", user="service key")
"""Nobody: what runs under the bot's own access key. No edge makes such a person."""


class Standing(StrEnum):
    """What somebody is to this workspace; a VISITOR is a full member of another one."""

    MEMBER = "member"
    VISITOR = "visitor"
    GUEST = "guest"
    STRANGER = "stranger"
    BOT = "bot"
    DELETED = "deleted"
    SERVICE = "service"
    UNKNOWN = "unknown"


class Directory(Protocol):
    """Who people are; may ask over the network."""

    async def standing(self, person: Person) -> Standing:
        """Tell what `person` is to our workspace; UNKNOWN when nobody can say."""
        ...

    async def at_home(self, person: Person) -> Person:
        """Find the own team of somebody who was named in any; as they are when unknown."""
        ...

    async def names(self, person: Person) -> tuple[str, str]:
        """Name the person and the workspace, as people know them."""
        ...

    async def group(self, group_id: str) -> str:
        """The handle of a user group; its id when nobody can say."""
        ...

    async def channel(self, place: Place, *, asks: bool) -> Channel:
        """Tell where `place` is; its kind only when `asks`, UNKNOWN when nobody can say."""
        ...
