"""Names to choose from while a workflow is made: by the eyes of the bot's own key alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from api.operation import Risk
from api.operations import QueryImage, QueryVmInstance
from api.query import Op, where
from desk.person import SERVICE, Standing
from desk.policy import Asked, Channel, Kind, Who, decide

if TYPE_CHECKING:
    from api.query import Query
    from desk.desk import Desk

_ISO = where("mediaType", "ISO")


@dataclass(frozen=True)
class Suggestion:
    """A name, and the words that mean this one thing: the name, unless others have it too."""

    name: str
    words: str


async def suggest(
    desk: Desk, kind: str, typed: str, *, limit: int
) -> tuple[Suggestion, ...]:
    """VMs or ISOs that have `typed` in their names; raises a ZStackError.

    Whoever makes workflows would see them, so none unless the policy lets a workflow list
    VMs under the service key.
    """
    if not desk.service or not _may_list(desk):
        return ()
    found = await desk.service(_question(kind, typed, limit))
    names = [one.name for one in found if one.name]
    return tuple(
        Suggestion(one.name, one.name if names.count(one.name) == 1 else one.uuid)
        for one in found
        if one.name
    )


def _question(kind: str, typed: str, limit: int) -> Query[Any]:
    like = (where("name", f"%{typed}%", op=Op.LIKE),) if typed else ()
    asked = {"fields": ("uuid", "name"), "sort": "name", "limit": limit}
    if kind == "vm":
        return QueryVmInstance(conditions=like, **asked)
    return QueryImage(conditions=(*like, _ISO), **asked)


def _may_list(desk: Desk) -> bool:
    asked = Asked(
        who=Who(SERVICE, Standing.SERVICE),
        operation=QueryVmInstance.__name__,
        command="vm list",
        risk=Risk.READ,
        channel=Channel("", Kind.WORKFLOW),
        moment=datetime.now(UTC),
        cloud=desk.meant_by(""),
    )
    return decide(desk.policy(), asked).is_allowed
