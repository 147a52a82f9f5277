"""ISOs in the drives of VMs."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.models import VmCdRom, VmInstance
from api.operation import Operation, Risk, rest
from api.query import Query, names_of

VmUuid = Annotated[
    str, Field(description="the VM", json_schema_extra={"resource": "vm"})
]
IsoUuid = Annotated[
    str,
    Field(description="the ISO", min_length=1, json_schema_extra={"resource": "iso"}),
]
AttachedIsoUuid = Annotated[
    str | None,
    Field(
        description="the ISO; not needed when the VM has only one",
        min_length=1,
        json_schema_extra={"resource": "attached iso"},
    ),
]


@rest(
    "DELETE /vm-instances/{vm_instance_uuid}/iso",
    command="iso detach",
    shortcut="/detach-iso",
    risk=Risk.CHANGE,
    repeatable=True,
)
class DetachIsoFromVmInstance(Operation[VmInstance]):
    """Detach an ISO from a VM.

    A wrong ISO is a silent success in ZStack, and an empty one too: always name it.
    """

    vm_instance_uuid: VmUuid
    iso_uuid: AttachedIsoUuid = None


@rest(
    "POST /vm-instances/{vm_instance_uuid}/iso/{iso_uuid}",
    command="iso attach",
    shortcut="/attach-iso",
    risk=Risk.CHANGE,
    repeatable=True,
)
class AttachIsoToVmInstance(Operation[VmInstance]):
    """Attach an ISO to a VM.

    Repeatable: ZStack refuses an ISO that is attached already.
    """

    vm_instance_uuid: VmUuid
    iso_uuid: IsoUuid


@rest("GET /vm-instances/cdroms", risk=Risk.READ, reply="inventories")
class QueryVmCdRom(Query[VmCdRom]):
    """List the drives of VMs."""

    entity = "vmcdrom"
    names = names_of(VmCdRom)
