"""From words to one VM, or the choices, or the nearest names."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from api.operation import subject
from desk import resolve as look_up
from desk.command import Command, Next
from desk.notice import Outcome
from desk.steps.buttons import offer_of, seen_of, words_of
from desk.steps.finish import finish
from desk.steps.question import AT_MOST, ask

if TYPE_CHECKING:
    from api.models import VmInstance
    from desk.desk import Desk
    from desk.resolve import Ask

_LIST = "/zstack vm list shows those that you may see, also by a part of the name."


async def resolve(desk: Desk, row: Command) -> Next:
    """Find the VM that the words mean, or ask; it then waits for its turn."""
    field, kind = subject(row.asks)
    if kind != "vm":
        return _taken_at_its_word(row, row.arguments[field])
    question: Ask = partial(desk.sessions.call, row.person)
    vm = await one_vm(question, row, field)
    if isinstance(vm, Next):
        return vm
    aliases = [vm.uuid, vm.name, *(nic.ip for nic in vm.vm_nics)]
    return Next(
        "turn.1",
        changes={
            "resource_uuid": vm.uuid,
            "resource_name": vm.name,
            "arguments": row.arguments | {field: vm.uuid},
            "memo": row.remember(aliases=tuple(filter(None, aliases))),
        },
    )


def _taken_at_its_word(row: Command, uuid: str) -> Next:
    """Go on with what ZStack shows nowhere, and so judges itself."""
    name = f"{row.asks.rest.noun} {uuid[:8]}"
    return Next("turn.1", changes={"resource_uuid": uuid, "resource_name": name})


async def one_vm(question: Ask, row: Command, field: str) -> VmInstance | Next:
    """The VM that an argument names, or how to go on without it."""
    words = row.arguments[field]
    found = await look_up.find_vms(question, words)
    if len(found) == 1:
        return found[0]
    if not found:
        names = await look_up.nearest_vms(question, words)
        title = f"There is no VM “{words}” that you may see"
        return nothing_fits(row, title, field, names, otherwise=_LIST)
    shown = found[:AT_MOST]
    names_by_uuid = await look_up.names_around(question, shown)
    answers = tuple(
        (
            vm.name or vm.uuid,
            _detail(vm, names_by_uuid),
            {"arguments": {field: vm.uuid}} | seen_of(vm, names_by_uuid),
        )
        for vm in shown
    )
    return ask(row, f"Which VM “{words}” do you mean?", answers, pick=True)


def _detail(vm: VmInstance, names: dict[str, str]) -> str:
    zone, host = (names.get(uuid or "", "") for uuid in (vm.zone_uuid, vm.host_uuid))
    ips = ", ".join(nic.ip for nic in vm.vm_nics if nic.ip)
    parts = (zone, host, vm.state or "", ips, vm.uuid[:8])
    return " · ".join(part for part in parts if part)


def nothing_fits(
    row: Command,
    title: str,
    field: str,
    names: tuple[str, ...],
    *,
    otherwise: str = "Check the name, or use its uuid.",
) -> Next:
    """End a row whose words mean nothing; the nearest names can be pressed.

    `otherwise` is what to do when there are none.
    """
    buttons = tuple(
        offer_of(
            row,
            "start",
            name,
            {
                "operation": row.operation,
                "arguments": row.arguments | {field: name},
                "words": words_of(row.operation, row.arguments | {field: name}),
            },
            person_key=row.person.key,
        )
        for name in names
    )
    hint = "Did you mean one of these?" if names else otherwise
    return finish(row, Outcome.REFUSED, title, next_step=hint, buttons=buttons)
