"""A request as it comes in from an edge, before anything is known about it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict

from api.operation import OPERATIONS, resource_fields
from desk.person import Person, Place
from desk.seen import Seen

_LONGEST = 60  # characters; no cloud's name has as many


def _as_name(said: str) -> str:
    """Keep what can be stored: what is none of a name is refused with those there are."""
    return "".join(it if it.isprintable() else "�" for it in said[:_LONGEST])


class Request(BaseModel):
    """What somebody asked for. `arguments` are words yet, not uuids.

    `key` names the cause: the same delivery, click or retry carries the same key. `seen`
    is the VM as it was when the button was made that was pressed.
    `doubt` is why the person is asked first, whatever the risk.
    `cloud` is named where there are several; else the channel decides.
    `workflow` is the run of a workflow that asks in the name of `person`, who has not
    agreed to anything yet.
    """

    model_config = ConfigDict(frozen=True)

    key: str
    operation: str
    arguments: dict[str, Any] = {}
    words: str
    person: Person
    place: Place
    doubt: str = ""
    workflow: str | None = None
    reason: str | None = None
    breaks_glass: bool = False
    seen: Seen | None = None
    cloud: Annotated[str, AfterValidator(_as_name)] = ""

    @property
    def names_resource(self) -> str | None:
        """The words that name the VM, as they were typed."""
        if "show" in self.arguments:
            return str(self.arguments["show"])
        asked = OPERATIONS.get(self.operation)
        kinds = resource_fields(asked).items() if asked else ()
        fields = [field for field, kind in kinds if kind == "vm"]
        return str(self.arguments[fields[0]]) if fields else None
