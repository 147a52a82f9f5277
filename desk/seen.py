"""What a VM was like when something was offered or asked, and whether it has moved on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.models import VmInstance


class Seen(BaseModel):
    """What a person decides upon: the state, the host and the ISOs of a VM.

    `names` are those that belonged to the uuids then; `isos` is None where they do not count.
    """

    model_config = ConfigDict(frozen=True)

    state: str | None = None
    host: str | None = None
    isos: tuple[str, ...] | None = None
    names: dict[str, str] = {}

    @classmethod
    def of(cls, vm: VmInstance, names: Mapping[str, str]) -> Seen:
        """What there is to see of `vm` now."""
        shown = {vm.host_uuid or "", *vm.iso_uuids}
        known = {uuid: name for uuid, name in names.items() if uuid in shown}
        return cls(state=vm.state, host=vm.host_uuid, isos=vm.iso_uuids, names=known)

    def of_a_part(self) -> Seen:
        """The same for the parts of a whole, which change the drives one after another."""
        return self.model_copy(update={"isos": None})

    def changes(self, now: Seen) -> tuple[str, ...]:
        """Say what is otherwise `now`, a sentence each; nothing when all is the same."""
        found, names = [], self.names | now.names
        if self.state != now.state:
            found.append(
                f"It was {self.state or 'in an unknown state'} then and is "
                f"{now.state or 'in an unknown state'} now."
            )
        if self.host != now.host:
            was, is_now = (
                names.get(host, host) if host else "no host"
                for host in (self.host, now.host)
            )
            found.append(f"It was on {was} then and is on {is_now} now.")
        if self.isos is not None and set(self.isos) != set(now.isos or ()):
            was, is_now = (
                ", ".join(names.get(iso, iso) for iso in isos) or "no ISO"
                for isos in (self.isos, now.isos or ())
            )
            found.append(f"It had {was} in its drives then and has {is_now} now.")
        return tuple(found)
