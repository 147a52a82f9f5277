"""Words → one resource, or the choices, or the nearest names."""

from __future__ import annotations

import difflib
import ipaddress
import re
from typing import TYPE_CHECKING, Any

from api.errors import Refused, Rejected, UnexpectedReply
from api.operations import (
    QueryAccount,
    QueryAccountResourceRef,
    QueryCluster,
    QueryHost,
    QueryImage,
    QueryVmInstance,
    QueryZone,
)
from api.query import Op, where

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from api.models import Image, VmInstance
    from api.operation import Operation

    Ask = Callable[[Operation[Any]], Awaitable[Any]]

UUID = re.compile(r"[0-9a-f]{32}")
NEAREST = 5
_PAGE = 1000


async def find_vms(ask: Ask, words: str) -> tuple[VmInstance, ...]:
    """Find VMs by uuid, IP address or exact name, whichever of these fits first."""
    for condition in _vm_conditions(words):
        found = await ask(QueryVmInstance(conditions=(condition,)))
        # MySQL compares without case; a name that differs in case is another name.
        exact = condition.name != "name"
        vms = tuple(vm for vm in found if exact or vm.name == words)
        if vms:
            return vms
    return ()


def _vm_conditions(words: str) -> Iterable[Any]:
    if UUID.fullmatch(words):
        yield where("uuid", words)
    if is_ip(words):
        yield where("vmNics.ip", words)
    yield where("name", words)


def is_ip(words: str) -> bool:
    """Whether `words` are an IP address."""
    try:
        ipaddress.ip_address(words)
    except ValueError:
        return False
    return True


async def find_isos(ask: Ask, words: str) -> tuple[Image, ...]:
    """Find ISO images by uuid or exact name; by uuid any image, so that ZStack may judge."""
    if UUID.fullmatch(words):
        found: tuple[Image, ...] = await ask(
            QueryImage(conditions=(where("uuid", words),))
        )
        if found:
            return found
    isos = where("mediaType", "ISO")
    found = await ask(QueryImage(conditions=(where("name", words), isos)))
    return tuple(image for image in found if image.name == words)


async def nearest_vms(ask: Ask, words: str) -> tuple[str, ...]:
    """The names of VMs that come closest to `words`, the best first."""
    found = await ask(QueryVmInstance(fields=("uuid", "name"), limit=_PAGE))
    return nearest(words, (vm.name or "" for vm in found))


async def nearest_isos(ask: Ask, words: str) -> tuple[str, ...]:
    """The names of ISO images that come closest to `words`, the best first."""
    isos = where("mediaType", "ISO")
    question = QueryImage(conditions=(isos,), fields=("uuid", "name"), limit=_PAGE)
    return nearest(words, (image.name or "" for image in await ask(question)))


def nearest(words: str, names: Iterable[str]) -> tuple[str, ...]:
    """The names closest to `words`: the same but for case, else alike, then containing it."""
    wanted = words.casefold()
    by_fold = {name.casefold(): name for name in sorted(set(names)) if name}
    if wanted in by_fold:
        return (by_fold[wanted],)
    within = [name for name in by_fold if wanted in name]
    alike = difflib.get_close_matches(wanted, by_fold, n=NEAREST, cutoff=0.65)
    ranked = dict.fromkeys([*alike, *within])
    return tuple(by_fold[name] for name in ranked)[:NEAREST]


async def names_around(ask: Ask, vms: Iterable[VmInstance]) -> dict[str, str]:
    """The names of the hosts, zones and ISOs that belong to `vms`, by uuid.

    What the person may not see is left out.
    """
    vms = tuple(vms)
    wanted = (
        (QueryHost, {vm.host_uuid or vm.last_host_uuid for vm in vms}),
        (QueryZone, {vm.zone_uuid for vm in vms}),
        (QueryImage, {iso for vm in vms for iso in vm.iso_uuids}),
    )
    names: dict[str, str] = {}
    for query, uuids in wanted:
        known = sorted(uuid for uuid in uuids if uuid)
        if known:
            condition = where("uuid", *known, op=Op.IN)
            question = query(conditions=(condition,), limit=len(known))
            names |= await _names(ask, question)
    return names


async def cluster_names(ask: Ask, uuid: str) -> dict[str, str]:
    """The name of a cluster by its uuid; nothing when the person may not know."""
    return await _names(ask, QueryCluster(conditions=(where("uuid", uuid),)))


async def tags_that_fit(
    ask: Ask, vm_uuid: str, globs: Iterable[str]
) -> frozenset[str] | None:
    """Which of the globs a tag of the VM fits; None when ZStack does not say.

    ZStack compares as its database does: mostly without case.
    """
    fit = set()
    try:
        for glob in globs:
            for kind in ("__userTag__", "__systemTag__"):
                tagged = where(kind, _pattern(glob), op=Op.LIKE)
                asked = (where("uuid", vm_uuid), tagged)
                if await ask(QueryVmInstance(conditions=asked, fields=("uuid",))):
                    fit.add(glob)
    except (Rejected, Refused, UnexpectedReply):
        return None
    return frozenset(fit)


def _pattern(glob: str) -> str:
    """A glob as SQL's LIKE takes it."""
    plain = re.sub(r"([\\%_])", r"\\\1", glob)
    return plain.replace("*", "%").replace("?", "_")


async def find_owner(ask: Ask, vm_uuid: str) -> str | None:
    """The name of the account that owns a VM, if the person may know."""
    owned = where("resourceUuid", vm_uuid)
    try:
        refs = await ask(QueryAccountResourceRef(conditions=(owned,), limit=10))
        uuids = [ref.owner_account_uuid or ref.account_uuid for ref in refs]
        if not uuids or not uuids[0]:
            return None
        accounts = await ask(QueryAccount(conditions=(where("uuid", uuids[0]),)))
    except (Rejected, Refused, UnexpectedReply):
        return None
    return accounts[0].name if accounts else None


async def _names(ask: Ask, question: Operation[Any]) -> dict[str, str]:
    try:
        found = await ask(question)
    except (Rejected, Refused, UnexpectedReply):
        return {}
    return {item.uuid: item.name for item in found if item.name}
