"""Several ZStack clouds by name. With one, nobody has to know its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from desk.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from api.client import ZStack
    from desk.service import Service
    from desk.sessions import Sessions


@dataclass(frozen=True)
class Site:
    """One cloud, everybody's sessions there, and the channels that mean it."""

    name: str
    cloud: ZStack
    sessions: Sessions
    service: Service | None = None
    channels: frozenset[str] = frozenset()


class NoSuchCloud(UserError):
    """A cloud was named that the policy file does not have."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        names = ", ".join(known)
        hint = f"There are: {names}." if names else "There is one only: leave it out."
        super().__init__(f"There is no cloud “{name}”. {hint}")
