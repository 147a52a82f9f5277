"""The rows of the simulated cloud's database."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime

EPOCH = datetime(2025, 3, 3, 2, 20, 57, tzinfo=UTC)
GIB = 1024**3
BOOT_ORDER = ("HardDisk", "CdRom", "Network")


def fixed_uuid(kind: str, name: str) -> str:
    """Make the uuid of a thing out of its name, in the shape ZStack validates.

    32 lower-case hex digits, version and variant as in protocol.md 1.2.
    """
    digits = hashlib.sha256(f"{kind}/{name}".encode()).hexdigest()
    return f"{digits[:12]}4{digits[13:16]}a{digits[17:32]}"


@dataclass(kw_only=True)
class Row:
    """What every resource has."""

    uuid: str
    name: str
    description: str | None = None
    created: datetime = EPOCH
    changed: datetime = EPOCH


@dataclass(kw_only=True)
class Account(Row):
    """An account: the owner of resources, and who logs in."""

    password: str
    type: str = "Normal"
    key_id: str = ""
    key_secret: str = ""
    """The access key of this account (protocol.md 2)."""

    @property
    def is_admin(self) -> bool:
        """Tell whether this account sees and may do everything."""
        return self.type == "SystemAdmin"


@dataclass(kw_only=True)
class User(Row):
    """Somebody who logs in to an account of a team, by name or through LDAP."""

    account_uuid: str
    password: str
    is_ldap: bool = False
    denied: frozenset[str] = frozenset()
    """Names of APIs that no policy of this user allows."""


@dataclass(kw_only=True)
class Zone(Row):
    """A zone."""


@dataclass(kw_only=True)
class Cluster(Row):
    """A cluster of hosts in a zone."""

    zone_uuid: str


@dataclass(kw_only=True)
class Host(Row):
    """A KVM host."""

    zone_uuid: str
    cluster_uuid: str
    management_ip: str
    state: str = "Enabled"
    status: str = "Connected"


@dataclass(kw_only=True)
class PrimaryStorage(Row):
    """Where volumes live; LocalStorage is what makes an ISO block a migration."""

    zone_uuid: str
    type: str


@dataclass(kw_only=True)
class L3Network(Row):
    """A network with its one IP range."""

    zone_uuid: str
    network: str
    """The first three numbers of its addresses."""


@dataclass(kw_only=True)
class Image(Row):
    """An image: an ISO or a template of volumes."""

    media_type: str = "ISO"
    owner_uuid: str
    is_public: bool = False
    shared_with: frozenset[str] = frozenset()
    state: str = "Enabled"
    status: str = "Ready"
    platform: str = "Linux"
    size: int = 2 * GIB


@dataclass(kw_only=True)
class Nic(Row):
    """A network card with one address."""

    vm_uuid: str
    l3_uuid: str
    device_id: int
    ip: str
    mac: str


@dataclass(kw_only=True)
class Volume(Row):
    """A volume attached to a VM."""

    vm_uuid: str
    storage_uuid: str
    image_uuid: str | None
    device_id: int
    type: str
    size: int


@dataclass(kw_only=True)
class CdRom(Row):
    """A CD-ROM drive; without `iso_uuid` it is empty (protocol.md 6)."""

    vm_uuid: str
    device_id: int
    iso_uuid: str | None = None


@dataclass(frozen=True, kw_only=True)
class Ack:
    """Somebody's word that they know of an alarm; `ack_period` is in seconds."""

    alert_data_uuid: str
    alert_type: str
    ack_period: int
    resource_uuid: str | None
    operator_account_uuid: str
    acked: datetime


@dataclass(kw_only=True)
class SystemTag(Row):
    """A tag the system put on a VM; the name is its text."""

    vm_uuid: str


@dataclass(kw_only=True)
class GlobalConfig(Row):
    """A setting of the whole cloud."""

    category: str
    value: str


@dataclass(kw_only=True)
class Vm(Row):
    """A VM."""

    owner_uuid: str
    zone_uuid: str
    cluster_uuid: str
    image_uuid: str
    host_uuid: str | None
    last_host_uuid: str
    state: str
    internal_id: int
    platform: str = "Linux"
    memory: int = 8 * GIB
    cpus: int = 4
    boot_order: tuple[str, ...] = BOOT_ORDER
    tray_is_locked: bool = False
    """The guest has the ISO mounted and refuses to let it go."""
    job_seconds: float | None = None
    """How long its host agent takes; None for as long as the settings say."""
    nics: list[Nic] = field(default_factory=list)
    volumes: list[Volume] = field(default_factory=list)
    cdroms: list[CdRom] = field(default_factory=list)
    user_tags: list[str] = field(default_factory=list)
    passwords: dict[str, str] = field(default_factory=dict)
    """What users in the guest log in with, as far as ZStack has set it."""

    @property
    def iso_uuids(self) -> list[str]:
        """The ISOs attached, in the order of the drives."""
        return [drive.iso_uuid for drive in self.cdroms if drive.iso_uuid]

    @property
    def system_tags(self) -> list[SystemTag]:
        """The tags of its ISOs (protocol.md 6) and of a boot order of its own."""
        drives = (drive for drive in self.cdroms if drive.iso_uuid)
        texts = [f"iso::{drive.iso_uuid}::{drive.device_id}" for drive in drives]
        if self.boot_order != BOOT_ORDER:
            texts.append(f"bootOrder::{','.join(self.boot_order)}")
        return [
            SystemTag(
                uuid=fixed_uuid("tag", self.uuid + text), name=text, vm_uuid=self.uuid
            )
            for text in texts
        ]
