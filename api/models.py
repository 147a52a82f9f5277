"""What ZStack answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from api.inventory import Inventory, Resource, Timestamp

if TYPE_CHECKING:
    from datetime import timedelta


class UsedIp(Resource):
    """One address of a NIC."""

    ip_range_uuid: str | None = None
    l3_network_uuid: str | None = None
    ip_version: int | None = None
    ip: str | None = None
    netmask: str | None = None
    gateway: str | None = None
    used_for: str | None = None
    ip_in_long: int | None = None
    vm_nic_uuid: str | None = None


class VmNic(Resource):
    """A network card of a VM."""

    vm_instance_uuid: str | None = None
    used_ip_uuid: str | None = None
    l3_network_uuid: str | None = None
    ip: str | None = None
    mac: str | None = None
    hypervisor_type: str | None = None
    netmask: str | None = None
    gateway: str | None = None
    meta_data: str | None = None
    ip_version: int | None = None
    driver_type: str | None = None
    type: str | None = None
    state: str | None = None
    device_id: int | None = None
    internal_name: str | None = None
    used_ips: tuple[UsedIp, ...] = ()


class Volume(Resource):
    """A disk; `size` and `actual_size` in bytes."""

    primary_storage_uuid: str | None = None
    vm_instance_uuid: str | None = None
    disk_offering_uuid: str | None = None
    root_image_uuid: str | None = None
    install_path: str | None = None
    type: str | None = None
    format: str | None = None
    size: int | None = None
    actual_size: int | None = None
    device_id: int | None = None
    state: str | None = None
    status: str | None = None
    is_shareable: bool | None = None


class VmCdRom(Resource):
    """A drive of a VM; without `iso_uuid` it is empty (protocol.md §6)."""

    vm_instance_uuid: str | None = None
    device_id: int | None = None
    iso_uuid: str | None = None
    iso_install_path: str | None = None
    protocol: str | None = None


class VmInstance(Resource):
    """A VM; `memory_size` in bytes. `vm_cd_roms` is None before ZStack 3.3."""

    zone_uuid: str | None = None
    cluster_uuid: str | None = None
    image_uuid: str | None = None
    host_uuid: str | None = None
    last_host_uuid: str | None = None
    instance_offering_uuid: str | None = None
    root_volume_uuid: str | None = None
    platform: str | None = None
    architecture: str | None = None
    default_l3_network_uuid: str | None = None
    type: str | None = None
    hypervisor_type: str | None = None
    memory_size: int | None = None
    reserved_memory_size: int | None = None
    cpu_num: int | None = None
    cpu_speed: int | None = None
    allocator_strategy: str | None = None
    state: str | None = None
    internal_id: int | None = None
    guest_os_type: str | None = None
    vm_nics: tuple[VmNic, ...] = ()
    all_volumes: tuple[Volume, ...] = ()
    vm_cd_roms: tuple[VmCdRom, ...] | None = None

    @property
    def iso_uuids(self) -> tuple[str, ...]:
        """The attached ISOs in the order of the drives."""
        drives = sorted(self.vm_cd_roms or (), key=lambda drive: drive.device_id or 0)
        return tuple(drive.iso_uuid for drive in drives if drive.iso_uuid)


class Image(Resource):
    """An image; an ISO when `media_type` is `ISO`."""

    media_type: str | None = None
    state: str | None = None
    status: str | None = None
    size: int | None = None
    actual_size: int | None = None
    platform: str | None = None
    format: str | None = None
    type: str | None = None
    guest_os_type: str | None = None


class Host(Resource):
    """A hypervisor."""

    zone_uuid: str | None = None
    cluster_uuid: str | None = None
    management_ip: str | None = None
    state: str | None = None
    status: str | None = None
    hypervisor_type: str | None = None


class Cluster(Resource):
    """Hosts of one kind in a zone."""

    zone_uuid: str | None = None
    state: str | None = None
    type: str | None = None
    hypervisor_type: str | None = None


class Zone(Resource):
    """A zone."""

    state: str | None = None
    type: str | None = None


class Account(Resource):
    """A ZStack account."""

    type: str | None = None


class AccountResourceRef(Inventory):
    """Which account owns a resource; its own key is a number, not a uuid."""

    account_uuid: str | None = None
    owner_account_uuid: str | None = None
    resource_uuid: str | None = None
    resource_type: str | None = None


class AlertDataAck(Inventory):
    """An acknowledgement of what an alarm or event told; it has no uuid of its own."""

    alert_data_uuid: str
    alert_type: str | None = None
    ack_period: int | None = None
    resource_uuid: str | None = None
    ack_date: Timestamp = None
    operator_account_uuid: str | None = None


class Session(Inventory):
    """A log-in; its `uuid` is a secret and stays out of the repr."""

    uuid: str
    account_uuid: str
    user_uuid: str | None = None
    user_type: str | None = None
    expired_date: Timestamp = None
    create_date: Timestamp = None

    def __repr_args__(self) -> Any:
        """Leave the session out of logs and tracebacks."""
        return [("account_uuid", self.account_uuid)]

    @property
    def lifetime(self) -> timedelta | None:
        """How long it lives unused: a difference, so that no clock need agree."""
        if self.expired_date and self.create_date:
            return self.expired_date - self.create_date
        return None


class TaskProgress(Inventory):
    """A step of a running job; `content` is mostly a percentage."""

    task_uuid: str | None = None
    task_name: str | None = None
    parent_uuid: str | None = None
    type: str | None = None
    content: str | None = None
    opaque: Any = None
    time: Timestamp = None
    sub_tasks: tuple[TaskProgress, ...] = ()
    arguments: Any = None


class ConsoleAddress(Inventory):
    """Where the console of a VM listens; whoever knows it may be let in, so it is no repr."""

    host_ip: Annotated[str, Field(repr=False)]
    port: Annotated[int, Field(repr=False)]
    protocol: Annotated[str, Field(repr=False)] = "vnc"
    path: Annotated[str, Field(repr=False)] = ""

    @property
    def address(self) -> str:
        """As a viewer takes it."""
        return f"{self.protocol}://{self.host_ip}:{self.port}{self.path}"


class PlatformTimeZone(Inventory):
    """The zone in which the management node writes its timestamps."""

    timezone: str | None = None
    offset: str | None = None


class ErrorCode(Inventory):
    """Why ZStack said no. `details` are in the server's language (protocol.md §4)."""

    code: str = ""
    description: str | None = None
    details: str | None = None
    elaboration: str | None = None
    location: str | None = None
    cost: str | None = None
    messages: Any = None
    opaque: Any = None
    cause: ErrorCode | None = None
    causes: tuple[ErrorCode, ...] = ()
    global_error_code: str | None = None

    @property
    def chain(self) -> tuple[ErrorCode, ...]:
        """From this error to its innermost cause."""
        inner = self.cause or next(iter(self.causes), None)
        return (self, *(inner.chain if inner else ()))

    @property
    def root(self) -> ErrorCode:
        """The innermost cause: what really went wrong."""
        return self.chain[-1]

    def __str__(self) -> str:
        """The code with what ZStack says about it."""
        code = self.code or self.global_error_code
        return ": ".join(filter(None, (code, self.details or self.description)))
