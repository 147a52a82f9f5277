"""The shape of one API, and of one call of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.zstack.errors import ApiError, not_found

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sandbox.zstack.node import Node
    from sandbox.zstack.records import Vm
    from sandbox.zstack.sessions import Session

Json = dict[str, Any]


@dataclass(kw_only=True)
class Call:
    """A request understood: which API, with what, by whom."""

    node: Node
    api: Api
    variables: dict[str, str]
    """From the path; they override the parameters (protocol.md 1.2)."""
    params: Json
    query: list[tuple[str, str]]
    tags: list[str]
    token: str
    """The session's uuid, not yet looked at."""
    job_uuid: str
    wants_schema: bool = False
    """The caller sent X-JSON-Schema (protocol.md 1.3)."""
    login: Session | None = None

    @property
    def session(self) -> Session:
        """Whoever calls; known once authorised."""
        assert self.login, "this API needs no session"  # noqa: S101 - a fault of ours
        return self.login

    @property
    def vm_uuid(self) -> str:
        """The VM named in the path."""
        return self.variables.get("vmInstanceUuid") or self.variables["uuid"]

    def vm(self) -> Vm:
        """Find the VM named in the path, if the caller may touch it."""
        vm = self.node.world.vms.get(self.vm_uuid)
        if not vm:
            raise not_found(field="vmInstanceUuid", uuid=self.vm_uuid)
        if not self.may_touch(vm.owner_uuid):
            raise denied(vm.uuid)
        return vm

    def check_vm(self) -> None:
        """Refuse when the VM is missing or another account's."""
        self.vm()

    def may_touch(self, owner_uuid: str) -> bool:
        """Tell whether the caller owns what this account owns."""
        account = self.session.account
        return account.is_admin or account.uuid == owner_uuid


def denied(uuid: str) -> ApiError:
    """Say that the resource belongs to another account."""
    return ApiError(
        code="ID.1002",
        zh=f"资源[uuid:{uuid}]不属于当前账户, 没有权限",
        en=f"permission denied, the account does not own the resource[uuid:{uuid}]",
    )


def no_check(_: Call) -> None:
    """Accept every call that the session and the policy allow."""


@dataclass(frozen=True, kw_only=True)
class Api:
    """One API of the node. `check` runs before `run`, also in a dry run."""

    name: str
    method: str
    path: str
    run: Callable[[Call], Awaitable[Json]]
    check: Callable[[Call], None] = no_check
    is_sync: bool = False
    needs_session: bool = True
    shares_path: bool = True
    """False: no other API has the path, so the method is not looked at (1.1)."""
    fields: frozenset[str] = field(default_factory=frozenset)
    """Query parameters the API knows, besides the tags."""
    integers: frozenset[str] = field(default_factory=frozenset)
    """Parameters that must be integral."""

    @property
    def action(self) -> str:
        """The key of its body in a PUT (protocol.md 1.2)."""
        return self.name[0].lower() + self.name[1:]
