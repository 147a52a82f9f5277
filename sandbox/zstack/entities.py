"""The kinds of resource that can be queried, and how they hang together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.zstack import inventory

if TYPE_CHECKING:
    from sandbox.zstack.inventory import Inventory
    from sandbox.zstack.records import Account, Image, Vm
    from sandbox.zstack.world import World

Rows = Callable[["World"], Iterable[Any]]
Related = Callable[["World", Any], Iterable[Any]]


def _all_see(_: Account, __: Any, ___: World) -> bool:
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
    sees: Callable[[Account, Any, World], bool] = _all_see
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


def _one(table: str, key: str) -> Related:
    """Follow a uuid held by the row; a null or dangling one leads nowhere."""

    def follow(world: World, row: Any) -> Iterable[Any]:
        found = getattr(world, table).get(getattr(row, key))
        return [found] if found else []

    return follow


def _many(table: str, key: str) -> Related:
    """Find the rows that hold the uuid of this one."""

    def find(world: World, row: Any) -> Iterable[Any]:
        rows = getattr(world, table).values()
        return (other for other in rows if getattr(other, key) == row.uuid)

    return find


def _held(attribute: str) -> Related:
    return lambda _, row: getattr(row, attribute)


def _parts(attribute: str) -> Rows:
    return lambda world: (
        part for vm in world.vms.values() for part in getattr(vm, attribute)
    )


def _owns_vm(account: Account, row: Vm, _: World) -> bool:
    return row.owner_uuid == account.uuid


def _owns_part(account: Account, row: Any, world: World) -> bool:
    return world.vms[row.vm_uuid].owner_uuid == account.uuid


def _may_use(account: Account, row: Image, _: World) -> bool:
    shared = row.is_public or account.uuid in row.shared_with
    return shared or row.owner_uuid == account.uuid


def _is_self(account: Account, row: Account, _: World) -> bool:
    return row.uuid == account.uuid


_TO_VM = ("vminstance", _one("vms", "vm_uuid"))
_TO_ZONE = ("zone", _one("zones", "zone_uuid"))
_TO_CLUSTER = ("cluster", _one("clusters", "cluster_uuid"))

_KINDS = (
    Entity(
        name="vminstance",
        java="org.zstack.header.vm.VmInstanceInventory",
        rows=lambda world: world.vms.values(),
        write=inventory.vm,
        sees=_owns_vm,
        expands={
            "zone": _TO_ZONE,
            "cluster": _TO_CLUSTER,
            "host": ("host", _one("hosts", "host_uuid")),
            "image": ("image", _one("images", "image_uuid")),
            "rootVolume": ("volume", lambda _, vm: vm.volumes[:1]),
            "vmNics": ("vmnic", _held("nics")),
            "allVolumes": ("volume", _held("volumes")),
            "vmCdRoms": ("vmcdrom", _held("cdroms")),
        },
    ),
    Entity(
        name="vmcdrom",
        java="org.zstack.header.vm.cdrom.VmCdRomInventory",
        rows=_parts("cdroms"),
        write=inventory.cdrom,
        sees=_owns_part,
        expands={
            "vmInstance": _TO_VM,
            "iso": ("image", _one("images", "iso_uuid")),
        },
    ),
    Entity(
        name="vmnic",
        java="org.zstack.header.vm.VmNicInventory",
        rows=_parts("nics"),
        write=inventory.nic,
        sees=_owns_part,
        expands={
            "vmInstance": _TO_VM,
            "l3Network": ("l3network", _one("networks", "l3_uuid")),
        },
    ),
    Entity(
        name="volume",
        java="org.zstack.header.volume.VolumeInventory",
        rows=_parts("volumes"),
        write=inventory.volume,
        sees=_owns_part,
        expands={
            "vmInstance": _TO_VM,
            "image": ("image", _one("images", "image_uuid")),
            "primaryStorage": ("primarystorage", _one("storages", "storage_uuid")),
        },
    ),
    Entity(
        name="image",
        java="org.zstack.header.image.ImageInventory",
        rows=lambda world: world.images.values(),
        write=inventory.image,
        sees=_may_use,
    ),
    Entity(
        name="host",
        java="org.zstack.header.host.HostInventory",
        rows=lambda world: world.hosts.values(),
        write=inventory.host,
        expands={
            "zone": _TO_ZONE,
            "cluster": _TO_CLUSTER,
            "vmInstance": ("vminstance", _many("vms", "host_uuid")),
        },
    ),
    Entity(
        name="zone",
        java="org.zstack.header.zone.ZoneInventory",
        rows=lambda world: world.zones.values(),
        write=inventory.zone,
        expands={
            "host": ("host", _many("hosts", "zone_uuid")),
            "vmInstance": ("vminstance", _many("vms", "zone_uuid")),
        },
    ),
    Entity(
        name="cluster",
        java="org.zstack.header.cluster.ClusterInventory",
        rows=lambda world: world.clusters.values(),
        write=inventory.cluster,
        expands={
            "zone": _TO_ZONE,
            "host": ("host", _many("hosts", "cluster_uuid")),
            "vmInstance": ("vminstance", _many("vms", "cluster_uuid")),
        },
    ),
    Entity(
        name="l3network",
        java="org.zstack.header.network.l3.L3NetworkInventory",
        rows=lambda world: world.networks.values(),
        write=inventory.network,
        expands={"zone": _TO_ZONE},
    ),
    Entity(
        name="primarystorage",
        java="org.zstack.header.storage.primary.PrimaryStorageInventory",
        rows=lambda world: world.storages.values(),
        write=inventory.storage,
        expands={"zone": _TO_ZONE},
    ),
    Entity(
        name="account",
        java="org.zstack.header.identity.AccountInventory",
        rows=lambda world: world.accounts.values(),
        write=inventory.account,
        sees=_is_self,
    ),
)

ENTITIES = {entity.name: entity for entity in _KINDS}
