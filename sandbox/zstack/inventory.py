"""Rows as the inventories of release 5.2.1, with every field (protocol.md 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.zstack.records import GIB, fixed_uuid

if TYPE_CHECKING:
    from sandbox.zstack import records

Inventory = dict[str, Any]
"""Wire names to values; None is a field without value, which the wire leaves out."""


def _named(row: records.Row) -> Inventory:
    return {
        "uuid": row.uuid,
        "name": row.name,
        "description": row.description,
        "createDate": row.created,
        "lastOpDate": row.changed,
    }


def vm(row: records.Vm) -> Inventory:
    """Write a VmInstanceInventory."""
    return _named(row) | {
        "zoneUuid": row.zone_uuid,
        "clusterUuid": row.cluster_uuid,
        "imageUuid": row.image_uuid,
        "hostUuid": row.host_uuid,
        "lastHostUuid": row.last_host_uuid,
        "instanceOfferingUuid": fixed_uuid("offering", "medium"),
        "rootVolumeUuid": row.volumes[0].uuid,
        "platform": row.platform,
        "architecture": "x86_64",
        "defaultL3NetworkUuid": row.nics[0].l3_uuid if row.nics else None,
        "type": "UserVm",
        "hypervisorType": "KVM",
        "memorySize": row.memory,
        "reservedMemorySize": 0,
        "cpuNum": row.cpus,
        "cpuSpeed": 0,
        "allocatorStrategy": "LeastVmPreferredHostAllocatorStrategy",
        "state": row.state,
        "internalId": row.internal_id,
        "guestOsType": "Windows" if row.platform == "Windows" else "Ubuntu",
        "vmNics": [nic(card) for card in row.nics],
        "allVolumes": [volume(disk) for disk in row.volumes],
        "vmCdRoms": [cdrom(drive) for drive in row.cdroms],
    }


def nic(row: records.Nic) -> Inventory:
    """Write a VmNicInventory with its one address."""
    network = row.ip.rpartition(".")[0]
    address = {
        "uuid": fixed_uuid("ip", row.uuid),
        "ipRangeUuid": fixed_uuid("range", row.l3_uuid),
        "l3NetworkUuid": row.l3_uuid,
        "ipVersion": 4,
        "ip": row.ip,
        "netmask": "255.255.255.0",
        "gateway": f"{network}.1",
        "ipInLong": _as_long(row.ip),
        "vmNicUuid": row.uuid,
        "createDate": row.created,
        "lastOpDate": row.changed,
    }
    return {
        "uuid": row.uuid,
        "vmInstanceUuid": row.vm_uuid,
        "usedIpUuid": address["uuid"],
        "l3NetworkUuid": row.l3_uuid,
        "ip": row.ip,
        "mac": row.mac,
        "hypervisorType": "KVM",
        "netmask": address["netmask"],
        "gateway": address["gateway"],
        "metaData": None,
        "ipVersion": 4,
        "driverType": "virtio",
        "type": "VNIC",
        "state": "enable",
        "usedIps": [address],
        "internalName": row.name,
        "deviceId": row.device_id,
        "createDate": row.created,
        "lastOpDate": row.changed,
    }


def _as_long(ip: str) -> int:
    return int.from_bytes(bytes(int(part) for part in ip.split(".")), "big")


def volume(row: records.Volume) -> Inventory:
    """Write a VolumeInventory."""
    kind = f"{row.type.lower()}Volumes"
    return _named(row) | {
        "primaryStorageUuid": row.storage_uuid,
        "vmInstanceUuid": row.vm_uuid,
        "diskOfferingUuid": fixed_uuid("offering", "disk"),
        "rootImageUuid": row.image_uuid,
        "installPath": f"/zstack_ps/{kind}/vol-{row.uuid}/{row.uuid}.qcow2",
        "type": row.type,
        "format": "qcow2",
        "size": row.size,
        "actualSize": 2 * GIB,
        "deviceId": row.device_id,
        "state": "Enabled",
        "status": "Ready",
        "isShareable": False,
    }


def cdrom(row: records.CdRom) -> Inventory:
    """Write a VmCdRomInventory; an empty drive has no isoUuid (protocol.md 6)."""
    path = row.iso_uuid and f"/zstack_ps/imagecache/iso/{row.iso_uuid}.iso"
    return _named(row) | {
        "vmInstanceUuid": row.vm_uuid,
        "deviceId": row.device_id,
        "isoUuid": row.iso_uuid,
        "isoInstallPath": path,
        "protocol": None,
    }


def image(row: records.Image) -> Inventory:
    """Write an ImageInventory."""
    suffix = "iso" if row.media_type == "ISO" else "qcow2"
    return _named(row) | {
        "state": row.state,
        "status": row.status,
        "size": row.size,
        "actualSize": row.size,
        "md5Sum": None,
        "url": f"http://mirror.example/{row.uuid}.{suffix}",
        "mediaType": row.media_type,
        "guestOsType": None,
        "type": "zstack",
        "platform": row.platform,
        "architecture": "x86_64",
        "format": suffix,
        "system": False,
        "virtio": True,
        "backupStorageRefs": [],
        "systemTags": [],
    }


def host(row: records.Host) -> Inventory:
    """Write a HostInventory."""
    return _named(row) | {
        "zoneUuid": row.zone_uuid,
        "clusterUuid": row.cluster_uuid,
        "managementIp": row.management_ip,
        "hypervisorType": "KVM",
        "state": row.state,
        "status": row.status,
        "totalCpuCapacity": 640,
        "availableCpuCapacity": 320,
        "totalMemoryCapacity": 256 * GIB,
        "availableMemoryCapacity": 128 * GIB,
        "cpuSockets": 2,
        "cpuNum": 64,
        "architecture": "x86_64",
        "username": "root",
        "sshPort": 22,
    }


def zone(row: records.Zone) -> Inventory:
    """Write a ZoneInventory."""
    return _named(row) | {"state": "Enabled", "type": "zstack", "isDefault": False}


def cluster(row: records.Cluster) -> Inventory:
    """Write a ClusterInventory."""
    return _named(row) | {
        "zoneUuid": row.zone_uuid,
        "hypervisorType": "KVM",
        "state": "Enabled",
        "type": "zstack",
        "architecture": "x86_64",
    }


def network(row: records.L3Network) -> Inventory:
    """Write an L3NetworkInventory."""
    return _named(row) | {
        "type": "L3BasicNetwork",
        "zoneUuid": row.zone_uuid,
        "l2NetworkUuid": fixed_uuid("l2", row.uuid),
        "state": "Enabled",
        "system": False,
        "category": "Private",
        "ipVersion": 4,
    }


def storage(row: records.PrimaryStorage) -> Inventory:
    """Write a PrimaryStorageInventory."""
    return _named(row) | {
        "zoneUuid": row.zone_uuid,
        "type": row.type,
        "url": "/zstack_ps",
        "state": "Enabled",
        "status": "Connected",
        "totalCapacity": 4096 * GIB,
        "availableCapacity": 2048 * GIB,
    }


def account(row: records.Account) -> Inventory:
    """Write an AccountInventory."""
    return _named(row) | {"type": row.type, "state": "Enabled"}


def account_resource_ref(row: records.Vm) -> Inventory:
    """Write the AccountResourceRefInventory of a VM; it has no uuid of its own."""
    return {
        "accountUuid": row.owner_uuid,
        "ownerAccountUuid": row.owner_uuid,
        "resourceUuid": row.uuid,
        "resourceType": "VmInstanceVO",
        "createDate": row.created,
        "lastOpDate": row.changed,
    }


def system_tag(row: records.SystemTag) -> Inventory:
    """Write a SystemTagInventory."""
    return {
        "uuid": row.uuid,
        "resourceUuid": row.vm_uuid,
        "resourceType": "VmInstanceVO",
        "tag": row.name,
        "type": "System",
        "inherent": False,
        "createDate": row.created,
        "lastOpDate": row.changed,
    }


def global_config(row: records.GlobalConfig) -> Inventory:
    """Write a GlobalConfigInventory."""
    return {
        "category": row.category,
        "name": row.name,
        "description": row.description,
        "defaultValue": row.value,
        "value": row.value,
    }
