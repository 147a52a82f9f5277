"""The kinds of resource that can be queried, and how they hang together."""

from __future__ import annotations

from sandbox.zstack import inventory
from sandbox.zstack.entity import (
    Entity,
    held,
    is_self,
    many,
    may_use,
    one,
    owns_part,
    owns_vm,
    parts,
)

_TO_VM = ("vminstance", one("vms", "vm_uuid"))
_TO_ZONE = ("zone", one("zones", "zone_uuid"))
_TO_CLUSTER = ("cluster", one("clusters", "cluster_uuid"))

_KINDS = (
    Entity(
        name="vminstance",
        java="org.zstack.header.vm.VmInstanceInventory",
        rows=lambda world: world.vms.values(),
        write=inventory.vm,
        sees=owns_vm,
        expands={
            "zone": _TO_ZONE,
            "cluster": _TO_CLUSTER,
            "host": ("host", one("hosts", "host_uuid")),
            "image": ("image", one("images", "image_uuid")),
            "rootVolume": ("volume", lambda _, vm: vm.volumes[:1]),
            "vmNics": ("vmnic", held("nics")),
            "allVolumes": ("volume", held("volumes")),
            "vmCdRoms": ("vmcdrom", held("cdroms")),
        },
    ),
    Entity(
        name="vmcdrom",
        java="org.zstack.header.vm.cdrom.VmCdRomInventory",
        rows=parts("cdroms"),
        write=inventory.cdrom,
        sees=owns_part,
        expands={
            "vmInstance": _TO_VM,
            "iso": ("image", one("images", "iso_uuid")),
        },
    ),
    Entity(
        name="vmnic",
        java="org.zstack.header.vm.VmNicInventory",
        rows=parts("nics"),
        write=inventory.nic,
        sees=owns_part,
        expands={
            "vmInstance": _TO_VM,
            "l3Network": ("l3network", one("networks", "l3_uuid")),
        },
    ),
    Entity(
        name="volume",
        java="org.zstack.header.volume.VolumeInventory",
        rows=parts("volumes"),
        write=inventory.volume,
        sees=owns_part,
        expands={
            "vmInstance": _TO_VM,
            "image": ("image", one("images", "image_uuid")),
            "primaryStorage": ("primarystorage", one("storages", "storage_uuid")),
        },
    ),
    Entity(
        name="image",
        java="org.zstack.header.image.ImageInventory",
        rows=lambda world: world.images.values(),
        write=inventory.image,
        sees=may_use,
    ),
    Entity(
        name="host",
        java="org.zstack.header.host.HostInventory",
        rows=lambda world: world.hosts.values(),
        write=inventory.host,
        expands={
            "zone": _TO_ZONE,
            "cluster": _TO_CLUSTER,
            "vmInstance": ("vminstance", many("vms", "host_uuid")),
        },
    ),
    Entity(
        name="zone",
        java="org.zstack.header.zone.ZoneInventory",
        rows=lambda world: world.zones.values(),
        write=inventory.zone,
        expands={
            "host": ("host", many("hosts", "zone_uuid")),
            "vmInstance": ("vminstance", many("vms", "zone_uuid")),
        },
    ),
    Entity(
        name="cluster",
        java="org.zstack.header.cluster.ClusterInventory",
        rows=lambda world: world.clusters.values(),
        write=inventory.cluster,
        expands={
            "zone": _TO_ZONE,
            "host": ("host", many("hosts", "cluster_uuid")),
            "vmInstance": ("vminstance", many("vms", "cluster_uuid")),
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
        name="systemtag",
        java="org.zstack.header.tag.SystemTagInventory",
        rows=parts("system_tags"),
        write=inventory.system_tag,
        sees=owns_part,
    ),
    Entity(
        name="globalconfig",
        java="org.zstack.core.config.GlobalConfigInventory",
        rows=lambda world: world.configs,
        write=inventory.global_config,
    ),
    Entity(
        name="accountresourceref",
        java="org.zstack.header.identity.AccountResourceRefInventory",
        rows=lambda world: world.vms.values(),
        write=inventory.account_resource_ref,
        sees=owns_vm,
    ),
    Entity(
        name="account",
        java="org.zstack.header.identity.AccountInventory",
        rows=lambda world: world.accounts.values(),
        write=inventory.account,
        sees=is_self,
    ),
)

ENTITIES = {entity.name: entity for entity in _KINDS}
