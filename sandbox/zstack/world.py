"""The simulated cloud itself: its rows, found by name or by uuid."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sandbox.witness import confide
from sandbox.zstack import population, records
from sandbox.zstack.records import EPOCH, GIB, fixed_uuid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.zstack.population import ImageSpec, VmSpec

MUTATIONS = frozenset({"DetachIsoFromVmInstance", "AttachIsoToVmInstance"})


class World:
    """All rows of the cloud, by uuid."""

    def __init__(self) -> None:
        self.accounts: dict[str, records.Account] = {}
        self.users: dict[str, records.User] = {}
        self.zones: dict[str, records.Zone] = {}
        self.clusters: dict[str, records.Cluster] = {}
        self.hosts: dict[str, records.Host] = {}
        self.storages: dict[str, records.PrimaryStorage] = {}
        self.networks: dict[str, records.L3Network] = {}
        self.images: dict[str, records.Image] = {}
        self.vms: dict[str, records.Vm] = {}
        self.alarms = {fixed_uuid("alarm", name) for name in population.ALARMS}
        self.acks: list[records.Ack] = []
        self.configs = [_config(*row) for row in population.CONFIGS]
        _people(self)
        _places(self)
        for spec in population.IMAGES:
            _image(self, spec)
        for vm_spec in population.VMS:
            self.add(vm_spec)

    def add(self, spec: VmSpec) -> records.Vm:
        """Put one more VM into the cloud."""
        vm = _vm(self, spec, len(self.vms))
        self.vms[vm.uuid] = vm
        return vm

    def vm(self, name: str, zone: str | None = None) -> records.Vm:
        """Find a VM by name, and by zone where two share one."""
        wanted = zone and fixed_uuid("zone", zone)
        return next(
            vm
            for vm in self.vms.values()
            if vm.name == name and wanted in {None, vm.zone_uuid}
        )

    def iso(self, name: str) -> str:
        """Give the uuid of an ISO by name, also of one that was deleted."""
        return fixed_uuid("image", name)

    def image(self, name: str) -> records.Image:
        """Find an image by name."""
        return self.images[fixed_uuid("image", name)]

    def host(self, name: str) -> records.Host:
        """Find a host by name."""
        return self.hosts[fixed_uuid("host", name)]

    def account(self, name: str) -> records.Account:
        """Find an account by name."""
        return self.accounts[fixed_uuid("account", name)]


def now() -> datetime:
    """Tell the time as a database does, to the second."""
    return datetime.now(UTC).replace(microsecond=0)


def _config(category: str, name: str, value: str) -> records.GlobalConfig:
    uuid = fixed_uuid("config", f"{category}/{name}")
    return records.GlobalConfig(uuid=uuid, category=category, name=name, value=value)


def _people(world: World) -> None:
    for name in ("admin", "ops", "guest-tenant"):
        uuid = fixed_uuid("account", name)
        kind = "SystemAdmin" if name == "admin" else "Normal"
        world.accounts[uuid] = records.Account(
            uuid=uuid,
            name=name,
            password=confide("ZStack password", population.PASSWORD),
            type=kind,
            key_id=f"{name}-key",
            key_secret=confide("access key secret", f"{name}-key-secret"),
        )
    _user(world, "oncall")
    _user(world, "viewer", denied=MUTATIONS)
    _user(world, "lena", is_ldap=True)


def _user(
    world: World,
    name: str,
    *,
    is_ldap: bool = False,
    denied: frozenset[str] = frozenset(),
) -> None:
    uuid = fixed_uuid("user", name)
    world.users[uuid] = records.User(
        uuid=uuid,
        name=name,
        account_uuid=fixed_uuid("account", "ops"),
        password=confide("ZStack password", population.PASSWORD),
        is_ldap=is_ldap,
        denied=denied,
    )


def _places(world: World) -> None:
    for number, name in enumerate(population.ZONES, 1):
        zone = fixed_uuid("zone", name)
        world.zones[zone] = records.Zone(uuid=zone, name=name)
        uuid = fixed_uuid("cluster", name)
        world.clusters[uuid] = records.Cluster(
            uuid=uuid, name=f"{name}-kvm", zone_uuid=zone
        )
        uuid = fixed_uuid("l3", name)
        world.networks[uuid] = records.L3Network(
            uuid=uuid, name=f"{name}-net", zone_uuid=zone, network=f"192.168.{number}"
        )
        uuid = fixed_uuid("storage", name)
        kind = population.STORAGES[name]
        world.storages[uuid] = records.PrimaryStorage(
            uuid=uuid, name=f"{name}-storage", zone_uuid=zone, type=kind
        )
    for name, (place, address, status) in population.HOSTS.items():
        uuid = fixed_uuid("host", name)
        world.hosts[uuid] = records.Host(
            uuid=uuid,
            name=name,
            zone_uuid=fixed_uuid("zone", place),
            cluster_uuid=fixed_uuid("cluster", place),
            management_ip=address,
            status=status,
        )


def _image(world: World, spec: ImageSpec) -> None:
    if spec.deleted:
        return
    uuid = fixed_uuid("image", spec.name)
    world.images[uuid] = records.Image(
        uuid=uuid,
        name=spec.name,
        media_type=spec.media,
        owner_uuid=fixed_uuid("account", spec.owner),
        is_public=spec.public,
        shared_with=frozenset(fixed_uuid("account", to) for to in spec.shared_with),
        state=spec.state,
        status=spec.status,
        platform=spec.platform,
    )


def _vm(world: World, spec: VmSpec, number: int) -> records.Vm:
    uuid = fixed_uuid("vm", spec.name + spec.key)
    host = world.host(spec.host)
    vm = records.Vm(
        uuid=uuid,
        name=spec.name,
        description=spec.description,
        created=EPOCH + timedelta(hours=number),
        changed=EPOCH + timedelta(days=number),
        owner_uuid=fixed_uuid("account", spec.owner),
        zone_uuid=host.zone_uuid,
        cluster_uuid=host.cluster_uuid,
        image_uuid=fixed_uuid("image", spec.image),
        host_uuid=None if spec.state in {"Stopped", "Destroyed"} else host.uuid,
        last_host_uuid=host.uuid,
        state=spec.state,
        internal_id=number + 1,
        platform=spec.platform,
        tray_is_locked=spec.tray_is_locked,
    )
    if spec.boot_from_cd:
        vm.boot_order = ("CdRom", "HardDisk", "Network")
    zone = world.zones[host.zone_uuid].name
    vm.nics.extend(_nic(world, vm, zone, device) for device in range(spec.nics))
    vm.volumes.extend(
        _volume(vm, zone, device) for device in range(1 + spec.data_volumes)
    )
    vm.cdroms.extend(_cdroms(vm, spec))
    return vm


def _nic(world: World, vm: records.Vm, zone: str, device: int) -> records.Nic:
    network = world.networks[fixed_uuid("l3", zone)]
    address = 10 + vm.internal_id + 100 * (device > 0) + device
    return records.Nic(
        uuid=fixed_uuid("nic", f"{vm.uuid}/{device}"),
        name=f"vnic{vm.internal_id}.{device}",
        vm_uuid=vm.uuid,
        l3_uuid=network.uuid,
        device_id=device,
        ip=f"{network.network}.{address}",
        mac=f"fa:16:3e:00:{vm.internal_id:02x}:{device:02x}",
        created=vm.created,
        changed=vm.created,
    )


def _volume(vm: records.Vm, zone: str, device: int) -> records.Volume:
    kind = "Data" if device else "Root"
    return records.Volume(
        uuid=fixed_uuid("volume", f"{vm.uuid}/{device}"),
        name=f"{kind.upper()}-for-{vm.name}" + (f"-{device}" if device else ""),
        vm_uuid=vm.uuid,
        storage_uuid=fixed_uuid("storage", zone),
        image_uuid=None if device else vm.image_uuid,
        device_id=device,
        type=kind,
        size=100 * GIB,
        created=vm.created,
        changed=vm.created,
    )


def _cdroms(vm: records.Vm, spec: VmSpec) -> Iterable[records.CdRom]:
    for device in range(max(spec.drives, len(spec.isos))):
        iso = spec.isos[device] if device < len(spec.isos) else None
        yield records.CdRom(
            uuid=fixed_uuid("cdrom", f"{vm.uuid}/{device}"),
            name=f"vm-{vm.uuid}-cdRom",
            vm_uuid=vm.uuid,
            device_id=device,
            iso_uuid=iso and fixed_uuid("image", iso),
            created=vm.created,
            changed=vm.created,
        )
