"""What a kind of resource is to a query, and ways from one kind to another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sandbox.zstack.inventory import Inventory
    from sandbox.zstack.records import Account, Image, Vm
    from sandbox.zstack.world import World

Rows = Callable[["World"], Iterable[Any]]
Related = Callable[["World", Any], Iterable[Any]]


def all_see(_: Account, __: Any, ___: World) -> bool:
    """Let every account see every row."""
    return True


@dataclass(frozen=True, kw_only=True)
class Entity:
    """One kind of resource."""

    name: str
    """As ZQL calls it."""
    java: str
    """The class the `schema` of a reply names."""
    rows: Rows
    write: Callable[[Any], Inventory]
    sees: Callable[[Account, Any, World], bool] = all_see
    expands: dict[str, tuple[str, Related]] = field(default_factory=dict)
    """Nested names: the kind they lead to, and the rows of it (protocol.md 3)."""

    def fields(self, world: World) -> frozenset[str]:
        """Name the fields that conditions, sort and `fields` may use."""
        sample = self.write(next(iter(self.rows(world))))
        return frozenset(name for name in sample if not isinstance(sample[name], list))

    def visible(self, world: World, account: Account) -> Iterable[Any]:
        """List the rows an account may see: others are left out unsaid."""
        seen_by = (row for row in self.rows(world) if self.sees(account, row, world))
        return self.rows(world) if account.is_admin else seen_by


def one(table: str, key: str) -> Related:
    """Follow a uuid held by the row; a null or dangling one leads nowhere."""

    def follow(world: World, row: Any) -> Iterable[Any]:
        found = getattr(world, table).get(getattr(row, key))
        return [found] if found else []

    return follow


def many(table: str, key: str) -> Related:
    """Find the rows that hold the uuid of this one."""

    def find(world: World, row: Any) -> Iterable[Any]:
        rows = getattr(world, table).values()
        return (other for other in rows if getattr(other, key) == row.uuid)

    return find


def held(attribute: str) -> Related:
    """List what the row itself holds."""
    return lambda _, row: getattr(row, attribute)


def parts(attribute: str) -> Rows:
    """List what all VMs hold of one thing."""
    return lambda world: (
        part for vm in world.vms.values() for part in getattr(vm, attribute)
    )


def owns_vm(account: Account, row: Vm, _: World) -> bool:
    """Let an account see its own VMs."""
    return row.owner_uuid == account.uuid


def owns_part(account: Account, row: Any, world: World) -> bool:
    """Let an account see the parts of its own VMs."""
    return world.vms[row.vm_uuid].owner_uuid == account.uuid


def may_use(account: Account, row: Image, _: World) -> bool:
    """Let an account see the images it may use."""
    shared = row.is_public or account.uuid in row.shared_with
    return shared or row.owner_uuid == account.uuid


def is_self(account: Account, row: Account, _: World) -> bool:
    """Let an account see itself."""
    return row.uuid == account.uuid
