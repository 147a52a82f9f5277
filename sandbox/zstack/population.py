"""Who and what lives in the simulated cloud, as tables."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "sandbox-password"

ZONES = ("east", "west", "lab")
HOSTS = {
    "east-host-1": ("east", "172.20.1.11", "Connected"),
    "east-host-2": ("east", "172.20.1.12", "Connected"),
    "east-host-3": ("east", "172.20.1.13", "Disconnected"),
    "west-host-1": ("west", "172.20.2.11", "Connected"),
    "west-host-2": ("west", "172.20.2.12", "Connected"),
    "lab-host-1": ("lab", "172.20.3.11", "Connected"),
}
STORAGES = {"east": "LocalStorage", "west": "Ceph", "lab": "LocalStorage"}

CONFIGS = (
    ("host", "maintenance.policy", "StopVmOnMigrationFailure"),
    ("vm", "maximumCdRomNum", "3"),
    ("vm", "vmDefaultCdRomNum", "1"),
    ("identity", "session.timeout", "7200"),
    ("rest", "completedApi.expiredPeriod", "10800"),
)


ALARMS = ("cpu", "vm-stopped")  # an alarm, and a subscription to an event


@dataclass(frozen=True)
class ImageSpec:
    """One image to make."""

    name: str
    media: str = "ISO"
    owner: str = "admin"
    public: bool = True
    shared_with: tuple[str, ...] = ()
    platform: str = "Linux"
    state: str = "Enabled"
    status: str = "Ready"
    deleted: bool = False


IMAGES = (
    ImageSpec("ubuntu-24.04.iso"),
    ImageSpec("debian-12.iso"),
    ImageSpec("rescue.iso"),
    ImageSpec("virtio-win.iso", platform="Windows"),
    ImageSpec("windows-2022.iso", platform="Windows"),
    ImageSpec("ops-tools.iso", owner="ops", public=False),
    ImageSpec("shared-tools.iso", public=False, shared_with=("ops",)),
    ImageSpec("tenant-private.iso", owner="guest-tenant", public=False),
    ImageSpec("麒麟 V10.iso"),
    ImageSpec("retired.iso", state="Disabled"),
    ImageSpec("downloading.iso", status="Downloading"),
    ImageSpec("old-installer.iso", deleted=True),
    ImageSpec("ubuntu-24.04", media="RootVolumeTemplate"),
    ImageSpec("centos-7", media="RootVolumeTemplate"),
    ImageSpec("data-template", media="DataVolumeTemplate"),
)


@dataclass(frozen=True)
class VmSpec:
    """One VM to make."""

    name: str
    isos: tuple[str, ...] = ()
    state: str = "Running"
    host: str = "east-host-1"
    owner: str = "ops"
    image: str = "ubuntu-24.04"
    description: str | None = None
    key: str = ""
    """Tells apart VMs of one name."""
    drives: int = 1
    nics: int = 1
    data_volumes: int = 0
    platform: str = "Linux"
    tray_is_locked: bool = False
    boot_from_cd: bool = False


UBUNTU, DEBIAN, RESCUE = "ubuntu-24.04.iso", "debian-12.iso", "rescue.iso"

VMS = (
    VmSpec("web-01", (UBUNTU,), description="Front of the shop"),
    VmSpec("web-02"),
    VmSpec("Web-03", (DEBIAN,)),
    VmSpec("db-01", (UBUNTU, RESCUE), drives=3, data_volumes=1),
    VmSpec("db-02", (UBUNTU,), "Stopped", host="east-host-2"),
    VmSpec("twin", (UBUNTU,), key="east"),
    VmSpec("twin", (DEBIAN,), host="west-host-1", key="west"),
    VmSpec("my vm", (UBUNTU,), host="east-host-2"),
    VmSpec("rocket 🚀", (UBUNTU,), host="west-host-1"),
    VmSpec("<b>*x*</b> & <!channel>", (UBUNTU,), description="Rock & roll = 'loud'"),
    VmSpec("数据库-主", ("麒麟 V10.iso",), host="west-host-2"),
    VmSpec("a>=b", (UBUNTU,), host="west-host-2"),
    VmSpec("migrating-01", (UBUNTU,), "Migrating"),
    VmSpec("paused-01", (UBUNTU,), "Paused"),
    VmSpec("installer-01", (UBUNTU,), image=UBUNTU),
    VmSpec("mounted-01", (UBUNTU,), tray_is_locked=True),
    VmSpec("ghost-iso-01", ("old-installer.iso",)),
    VmSpec("big-01", (DEBIAN,), nics=8, data_volumes=12, host="west-host-1"),
    VmSpec("full-01", (UBUNTU, DEBIAN, RESCUE), drives=3),
    VmSpec("agentless-01", (UBUNTU,), host="east-host-3"),
    VmSpec("unknown-01", (UBUNTU,), "Unknown", host="east-host-3"),
    VmSpec("loop-01", (UBUNTU,), image=UBUNTU, boot_from_cd=True),
    VmSpec("driveless-01", drives=0),
    VmSpec(
        "win-01", ("windows-2022.iso", "virtio-win.iso"), drives=2, platform="Windows"
    ),
    VmSpec("destroyed-01", (DEBIAN,), "Destroyed"),
    VmSpec("lonely-01", (UBUNTU,), owner="guest-tenant", host="lab-host-1"),
    VmSpec("lonely-02", owner="guest-tenant", host="lab-host-1", state="Stopped"),
    VmSpec("core-01", (RESCUE,), owner="admin", host="west-host-2"),
    *(VmSpec(f"legacy-{n:02}", (DEBIAN,), host="east-host-2") for n in range(1, 7)),
    *(VmSpec(f"worker-{n:02}", host="west-host-1") for n in range(1, 7)),
    *(VmSpec(f"batch-{n:02}", state="Stopped", host="lab-host-1") for n in range(1, 4)),
)
