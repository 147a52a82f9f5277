"""Looking: a list of what there is, or all about one of it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from api.operation import resource_fields
from api.operations import QueryVmInstance
from api.query import Op, Query, where
from desk import resolve as look_up
from desk.command import Command, Next
from desk.notice import Card, Outcome
from desk.permission import resource_of, ruled
from desk.steps.consent import refused
from desk.steps.finish import finish
from desk.steps.look import with_drives
from desk.steps.resolve import one_vm
from desk.steps.starts import starts_of

if TYPE_CHECKING:
    from api.models import ConsoleAddress, VmInstance
    from desk.desk import Desk
    from desk.resolve import Ask

_SHOWN = 50
_IPS = 2
_WITH_ISO = where("vmCdRoms.isoUuid", op=Op.NOT_NULL)
_HEADING = ("Name", "State", "IP", "Host", "Zone", "ISO")


async def read(desk: Desk, row: Command) -> Next:
    """Answer at once: nothing is changed by it, so it waits for no turn."""
    question: Ask = partial(desk.sessions.call, row.person)
    if "show" in row.arguments:
        return await _show(desk, question, row)
    if not issubclass(row.asks, Query):
        return await _ask_about(desk, question, row)
    return await _list(question, row)


async def _ask_about(desk: Desk, question: Ask, row: Command) -> Next:
    """Ask ZStack something about one VM."""
    (field,) = resource_fields(row.asks)
    vm = await one_vm(question, row, field)
    if isinstance(vm, Next):
        return vm
    names = await look_up.names_around(question, [vm])
    row, verdict = await ruled(desk, row, await resource_of(desk, question, vm, names))
    if not verdict.is_allowed:
        return refused(row, verdict.reason)
    found: ConsoleAddress = await question(row.asks(**{field: vm.uuid}))
    title = f"The console of {vm.name or vm.uuid}"
    hint = "Open it with a VNC or SPICE viewer. It is told to you alone: do not pass it on."
    lines = (found.address,)
    return finish(row, Outcome.SUCCEEDED, title, lines=lines, next_step=hint)


async def _show(desk: Desk, question: Ask, row: Command) -> Next:
    vm = await one_vm(question, row, "show")
    if isinstance(vm, Next):
        return vm
    vm = await with_drives(question, vm)
    names = await look_up.names_around(question, [vm])
    resource = await resource_of(desk, question, vm, names)
    row, verdict = await ruled(desk, row, resource)
    if not verdict.is_allowed:
        return refused(row, verdict.reason)
    owner = await look_up.find_owner(question, vm.uuid)
    if vm.cluster_uuid:
        names = names | await look_up.cluster_names(question, vm.cluster_uuid)
    card = Card(vm=vm, names=names, owner=owner)
    title = f"{vm.name or vm.uuid} is {vm.state or 'in an unknown state'}"
    buttons = starts_of(row, vm, names)
    shown = finish(row, Outcome.SUCCEEDED, title, card=card, full=True, buttons=buttons)
    return replace(shown, changes=shown.changes | {"memo": row.memo})


async def _list(question: Ask, row: Command) -> Next:
    words = str(row.arguments.get("like", ""))
    like = (where("name", f"%{words}%", op=Op.LIKE),) if words else ()
    holds = (_WITH_ISO,) if row.arguments.get("with_iso") else ()
    asked = QueryVmInstance(conditions=like + holds, sort="name", limit=_SHOWN + 1)
    vms: tuple[VmInstance, ...] = await question(asked)
    if not vms:
        return finish(row, Outcome.SUCCEEDED, _none(words, with_iso=bool(holds)))
    shown = vms[:_SHOWN]
    names = await look_up.names_around(question, shown)
    many = f"The first {_SHOWN} VMs" if len(vms) > _SHOWN else f"{len(vms)} VMs"
    title = many if len(vms) > 1 else "1 VM"
    hint = "Narrow it: /zstack vm list <part of a name>." if len(vms) > _SHOWN else None
    table = (_HEADING, *(_line(vm, names) for vm in shown))
    return finish(row, Outcome.SUCCEEDED, title, table=table, next_step=hint)


def _none(words: str, *, with_iso: bool) -> str:
    if not words:
        return f"You may see no VM{' with an ISO in it' if with_iso else ''}"
    has = " and an ISO in it" if with_iso else ""
    return f"No VM that you may see has “{words}” in its name{has}"


def _line(vm: VmInstance, names: dict[str, str]) -> tuple[str, ...]:
    return (
        vm.name or vm.uuid,
        vm.state or "-",
        _ips(vm) or "-",
        names.get(vm.host_uuid or "", "-"),
        names.get(vm.zone_uuid or "", "-"),
        ", ".join(names.get(iso, iso) for iso in vm.iso_uuids) or "-",
    )


def _ips(vm: VmInstance) -> str:
    """The first IP addresses; a VM with many must not fill the list."""
    ips = [nic.ip for nic in vm.vm_nics if nic.ip]
    more = f" +{len(ips) - _IPS} more" if len(ips) > _IPS else ""
    return ", ".join(ips[:_IPS]) + more
