"""What is asked of the policy: who wants what, on which resource, where and when."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from api.operation import Risk
    from desk.person import Person, Standing


class Kind(StrEnum):
    """What sort of place something was asked in; SHARED has people of other workspaces."""

    IM = "im"
    GROUP_IM = "group im"
    PRIVATE = "private"
    PUBLIC = "public"
    SHARED = "shared"
    SHELL = "shell"
    WORKFLOW = "workflow"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Channel:
    """Where it was asked."""

    id: str
    kind: Kind


@dataclass(frozen=True)
class Who:
    """Who asks, as far as the rules want to know.

    `groups` are ids of Slack user groups, `on_call` names of rotas, `accounts` the name and
    the uuid of the ZStack account, None while nobody is logged in. `unknown` says of a
    group or rota that could not be asked about why not.
    """

    person: Person
    standing: Standing
    groups: frozenset[str] = frozenset()
    on_call: frozenset[str] = frozenset()
    accounts: frozenset[str] | None = None
    unknown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Resource:
    """What it acts on. None is what could not be found out; names and uuids both count.

    `tags` are those globs of the policy that a tag of it fits.
    """

    name: str
    uuid: str = ""
    tags: frozenset[str] | None = None
    zone: frozenset[str] | None = None
    cluster: frozenset[str] | None = None


@dataclass(frozen=True)
class Asked:
    """One question to the policy.

    `is_early`: the words name a resource that was not looked for yet, and it is asked
    again when it was. `is_errand`: about the bot itself. `running` counts the person's
    other commands that have not ended. `cloud` is the ZStack that would be asked, None when
    none is.
    """

    who: Who
    operation: str
    command: str
    risk: Risk
    channel: Channel
    moment: datetime
    resource: Resource | None = None
    is_early: bool = False
    is_errand: bool = False
    running: int = 0
    cloud: str | None = None
