"""Operations that move a VM from state to state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.witness import confide
from sandbox.zstack import inventory
from sandbox.zstack.api import Api, Call
from sandbox.zstack.errors import ApiError, operation_failed
from sandbox.zstack.operations import check_state, record, touch

if TYPE_CHECKING:
    from sandbox.zstack.api import Json
    from sandbox.zstack.records import Vm

_LOCAL = "LocalStorage"


@dataclass(frozen=True)
class _Move:
    """From which states an API takes a VM, and to which."""

    states: frozenset[str]
    to: str


_MOVES = {
    "StartVmInstance": _Move(frozenset({"Stopped"}), "Running"),
    "StopVmInstance": _Move(frozenset({"Running", "Unknown", "Paused"}), "Stopped"),
    "RebootVmInstance": _Move(frozenset({"Running"}), "Running"),
    "PauseVmInstance": _Move(frozenset({"Running"}), "Paused"),
    "ResumeVmInstance": _Move(frozenset({"Paused"}), "Running"),
    "DestroyVmInstance": _Move(
        frozenset({"Running", "Stopped", "Paused", "Unknown"}), "Destroyed"
    ),
    "RecoverVmInstance": _Move(frozenset({"Destroyed"}), "Stopped"),
    "MigrateVm": _Move(frozenset({"Running", "Paused"}), "Running"),
}


async def move(call: Call) -> Json:
    """Bring the VM named in the path to the state the API is for."""
    plan = _MOVES[call.api.name]
    async with call.node.queue(call.vm_uuid):
        vm = call.vm()
        try:
            check_state(call, vm, plan.states)
            if call.api.name == "MigrateVm":
                _check_migration(call, vm)
            await call.node.agent(call, vm, call.api.action)
        except ApiError as error:
            record(call, vm, error=error)
            raise
        _settle(call, vm, plan.to)
        record(call, vm, changed=True)
        return {"inventory": inventory.vm(vm)}


def _settle(call: Call, vm: Vm, state: str) -> None:
    vm.state = state
    if state in {"Stopped", "Destroyed"}:
        vm.last_host_uuid = vm.host_uuid or vm.last_host_uuid
        vm.host_uuid = None
    else:
        # MigrateVm names its host; a start takes the last one.
        wanted = call.params.get("hostUuid")
        vm.host_uuid = wanted or vm.host_uuid or vm.last_host_uuid
    touch(vm)


def _check_migration(call: Call, vm: Vm) -> None:
    """Refuse what local storage cannot migrate live (iso.md 1)."""
    if call.node.world.storages[vm.volumes[0].storage_uuid].type != _LOCAL:
        return
    if vm.iso_uuids:
        raise operation_failed(
            zh=f"无法热迁移挂载了ISO的本地存储云主机[uuid:{vm.uuid}], 请先卸载所有ISO",
            en=f"unable to live migrate vm[uuid:{vm.uuid}] with ISO on local storage."
            " Need detach all ISO first.",
        )
    if vm.volumes[1:] or vm.platform != "Linux":
        raise operation_failed(
            zh=f"云主机[uuid:{vm.uuid}]不支持本地存储热迁移",
            en=f"unable to live migrate vm[uuid:{vm.uuid}] on local storage: data volumes"
            " attached, or its platform is not Linux",
        )


async def migration_hosts(call: Call) -> Json:
    """List the hosts of the VM's cluster that could take it, its own left out."""
    vm = call.vm()
    hosts = [
        inventory.host(host)
        for host in call.node.world.hosts.values()
        if host.cluster_uuid == vm.cluster_uuid
        and host.uuid != (vm.host_uuid or vm.last_host_uuid)
        and (host.state, host.status) == ("Enabled", "Connected")
    ]
    return {"inventories": hosts}


async def boot_order(call: Call) -> Json:
    """Tell from which devices the VM boots."""
    return {"orders": list(call.vm().boot_order)}


async def set_boot_order(call: Call) -> Json:
    """Set from which devices the VM boots at its next start."""
    vm = call.vm()
    order = tuple(call.params.get("bootOrder") or ())
    changed = order != vm.boot_order
    vm.boot_order = order
    record(call, vm, changed=changed)
    return {"inventory": inventory.vm(vm)}


async def update(call: Call) -> Json:
    """Change the name or the description."""
    vm = call.vm()
    vm.name = str(call.params.get("name") or vm.name)
    vm.description = call.params.get("description") or vm.description
    record(call, vm, changed=True)
    return {"inventory": inventory.vm(vm)}


async def expunge(call: Call) -> Json:
    """Delete a destroyed VM for good."""
    vm = call.vm()
    check_state(call, vm, frozenset({"Destroyed"}))
    del call.node.world.vms[vm.uuid]
    record(call, vm, changed=True)
    return {}


def _check_destroy(call: Call) -> None:
    # A missing VM is a success (protocol.md 1.6), so only others' are refused.
    if call.vm_uuid in call.node.world.vms:
        call.vm()


async def console_address(call: Call) -> Json:
    """Tell where the console of a running VM listens."""
    vm = call.vm()
    check_state(call, vm, frozenset({"Running"}))
    host = call.node.world.hosts[str(vm.host_uuid)]
    port = 5900 + vm.internal_id
    return {"hostIp": host.management_ip, "port": port, "protocol": "vnc"}


async def change_password(call: Call) -> Json:
    """Set the password of a user in a running guest."""
    async with call.node.queue(call.vm_uuid):
        vm = call.vm()
        check_state(call, vm, frozenset({"Running"}))
        await call.node.agent(call, vm, call.api.action)
        password = confide("typed secret", str(call.params["password"]))
        vm.passwords[str(call.params["account"])] = password
        record(call, vm, changed=True)
        return {}


async def destroy(call: Call) -> Json:
    """Destroy a VM, which can be recovered; one that is not there is gone already."""
    return await move(call) if call.vm_uuid in call.node.world.vms else {}


def _action(name: str) -> Api:
    return Api(
        name=name,
        method="PUT",
        path="/vm-instances/{uuid}/actions",
        run={
            "SetVmBootOrder": set_boot_order,
            "UpdateVmInstance": update,
            "ExpungeVmInstance": expunge,
            "ChangeVmPassword": change_password,
        }.get(name, move),
        check=Call.check_vm,
    )


_ACTIONS = (
    *_MOVES,
    "SetVmBootOrder",
    "UpdateVmInstance",
    "ExpungeVmInstance",
    "ChangeVmPassword",
)

LIFECYCLE = (
    *(_action(name) for name in _ACTIONS if name != "DestroyVmInstance"),
    Api(
        name="DestroyVmInstance",
        method="DELETE",
        path="/vm-instances/{uuid}",
        run=destroy,
        check=_check_destroy,
        fields=frozenset({"deleteMode"}),
    ),
    Api(
        name="GetVmMigrationCandidateHosts",
        method="GET",
        path="/vm-instances/{vmInstanceUuid}/migration-target-hosts",
        run=migration_hosts,
        check=Call.check_vm,
        is_sync=True,
        shares_path=False,
    ),
    Api(
        name="GetVmConsoleAddress",
        method="GET",
        path="/vm-instances/{uuid}/console-addresses",
        run=console_address,
        check=Call.check_vm,
        is_sync=True,
        shares_path=False,
    ),
    Api(
        name="GetVmBootOrder",
        method="GET",
        path="/vm-instances/{uuid}/boot-orders",
        run=boot_order,
        is_sync=True,
        shares_path=False,
    ),
)
