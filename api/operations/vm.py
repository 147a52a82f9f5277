"""The states of VMs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from api.models import ConsoleAddress, Host, VmInstance
from api.operation import Operation, Risk, Secret, rest
from api.operations.iso import VmUuid

TargetHostUuid = Annotated[
    str | None,
    Field(
        description="the host to go to; asked for when it is left out",
        min_length=1,
        json_schema_extra={"resource": "target host"},
    ),
]


@rest(
    "PUT /vm-instances/{uuid}/actions",
    command="vm start",
    risk=Risk.CHANGE,
    repeatable=True,
)
class StartVmInstance(Operation[VmInstance]):
    """Start a VM."""

    uuid: VmUuid


@rest("PUT /vm-instances/{uuid}/actions", command="vm stop", risk=Risk.DISRUPT)
class StopVmInstance(Operation[VmInstance]):
    """Stop a VM."""

    uuid: VmUuid
    type: Annotated[
        Literal["grace", "cold"],
        Field(description="grace asks the guest to shut down; cold cuts the power"),
    ] = "grace"


@rest("PUT /vm-instances/{uuid}/actions", command="vm reboot", risk=Risk.DISRUPT)
class RebootVmInstance(Operation[VmInstance]):
    """Reboot a VM.

    ZStack stops it, then starts it: an ISO that is on no backup storage of the zone keeps
    it from coming up again.
    """

    uuid: VmUuid


@rest(
    "GET /vm-instances/{uuid}/console-addresses",
    command="vm console",
    risk=Risk.READ,
    reply="*",
    secret=True,
)
class GetVmConsoleAddress(Operation[ConsoleAddress]):
    """Tell where the console of a running VM listens, to you alone."""

    uuid: VmUuid


@rest(
    "PUT /vm-instances/{uuid}/actions",
    command="vm password",
    risk=Risk.CHANGE,
    reply=None,
    repeatable=True,
)
class ChangeVmPassword(Operation[None]):
    """Change the password of a user in a running VM; it is asked for on a page."""

    uuid: VmUuid
    account: Annotated[str, Field(description="the user in the guest", min_length=1)]
    password: Annotated[Secret, Field(description="the new password", max_length=32)]


@rest("PUT /vm-instances/{uuid}/actions", command="vm pause", risk=Risk.DISRUPT)
class PauseVmInstance(Operation[VmInstance]):
    """Pause a VM."""

    uuid: VmUuid


@rest(
    "PUT /vm-instances/{uuid}/actions",
    command="vm resume",
    risk=Risk.CHANGE,
    repeatable=True,
)
class ResumeVmInstance(Operation[VmInstance]):
    """Let a paused VM go on."""

    uuid: VmUuid


@rest(
    "PUT /vm-instances/{vm_instance_uuid}/actions",
    command="vm migrate",
    risk=Risk.DISRUPT,
)
class MigrateVm(Operation[VmInstance]):
    """Move a running VM to another host.

    On local storage ZStack refuses it while an ISO is attached.
    """

    vm_instance_uuid: VmUuid
    host_uuid: TargetHostUuid = None


@rest(
    "DELETE /vm-instances/{uuid}",
    command="vm destroy",
    risk=Risk.DESTROY,
    reply=None,
)
class DestroyVmInstance(Operation[None]):
    """Destroy a VM; it can be recovered until it is expunged."""

    uuid: VmUuid


@rest(
    "PUT /vm-instances/{uuid}/actions",
    command="vm recover",
    risk=Risk.CHANGE,
    repeatable=True,
)
class RecoverVmInstance(Operation[VmInstance]):
    """Recover a destroyed VM; it is stopped then."""

    uuid: VmUuid


@rest(
    "GET /vm-instances/{vm_instance_uuid}/migration-target-hosts",
    risk=Risk.READ,
    reply="inventories",
)
class GetVmMigrationCandidateHosts(Operation[tuple[Host, ...]]):
    """List the hosts that a VM could be migrated to."""

    vm_instance_uuid: VmUuid
