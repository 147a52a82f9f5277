"""What an alert is about: found in its words, then looked for in ZStack, many at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from api.operations import QueryHost, QueryVmInstance
from api.query import Op, where
from desk.resolve import UUID, is_ip, names_around

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from api.models import Host, VmInstance
    from desk.resolve import Ask

LABELS = (
    *("VMUuid", "vmUuid", "vm_uuid", "vmuuid"),
    *("HostUuid", "hostUuid", "host_uuid", "hostuuid"),
    *("vm_name", "vmName", "vm", "host_name", "hostName"),
)
"""Where ZStack's own exporters and people's rules name a resource, in this order."""
NOTE = (
    "zstack_resource"  # an annotation: `vm:web-01`, `host:10.0.0.1` or the words alone
)
_AT_ONCE = 100  # words of one question


class Kind(StrEnum):
    """What sort of resource; EITHER when an alert does not say."""

    VM = "vm"
    HOST = "host"
    EITHER = "either"


class Reference(NamedTuple):
    """A resource as an alert names it: by uuid, IP address or name."""

    kind: Kind
    words: str

    def may_be(self, kind: Kind) -> bool:
        """Whether it may be one of this kind."""
        return self.kind in {kind, Kind.EITHER}


@dataclass(frozen=True)
class Found:
    """What was found for a reference; several have the same name. `names` are by uuid."""

    vms: tuple[VmInstance, ...] = ()
    hosts: tuple[Host, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def vm(self) -> VmInstance | None:
        """The one VM, if it is one."""
        return self.vms[0] if len(self.vms) == 1 else None


def reference_of(
    labels: Mapping[str, str],
    annotations: Mapping[str, str],
    names: Iterable[str] = LABELS,
) -> Reference | None:
    """The resource that an alert names: by a label, an annotation, or its `instance`."""
    for name in names:
        if words := labels.get(name, "").strip():
            return Reference(_kind_of(name), words)
    if words := annotations.get(NOTE, "").strip():
        return _noted(words, annotations.get(f"{NOTE}_type", ""))
    instance = _without_port(labels.get("instance", "").strip())
    return Reference(Kind.EITHER, instance) if instance else None


def _kind_of(name: str) -> Kind:
    return Kind.HOST if "host" in name.casefold() else Kind.VM


def _noted(words: str, said: str) -> Reference | None:
    kind, colon, rest = words.partition(":")
    if colon and kind.casefold() in {Kind.VM, Kind.HOST}:
        return Reference(Kind(kind.casefold()), rest.strip()) if rest.strip() else None
    # ZStack calls them VmInstanceVO and HostVO; what else there is cannot be looked up.
    said = said.casefold()
    if said and not said.startswith(("vm", "host")):
        return None
    kinds = {"v": Kind.VM, "h": Kind.HOST}
    return Reference(kinds.get(said[:1], Kind.EITHER), words)


def _without_port(instance: str) -> str:
    if instance.startswith("["):
        return instance[1:].partition("]")[0]
    host, colon, port = instance.rpartition(":")
    is_port = colon and port.isdecimal() and ":" not in host
    return host if is_port else instance


async def look_up(ask: Ask, wanted: Iterable[Reference]) -> dict[Reference, Found]:
    """Find all of `wanted` with a few questions, however many they are, one at a time.

    Only what is there is in the answer. Raises a ZStackError.
    """
    references = tuple(dict.fromkeys(wanted))
    found: dict[Reference, Found] = {}
    for start in range(0, len(references), _AT_ONCE):
        some = references[start : start + _AT_ONCE]
        vms = await _found(ask, _VMS, some)
        left = [it for it in some if it not in vms]
        hosts = await _found(ask, _HOSTS, left)
        around = await names_around(ask, [vm for many in vms.values() for vm in many])
        found |= {it: Found(vms=many, names=around) for it, many in vms.items()}
        found |= {it: Found(hosts=many) for it, many in hosts.items()}
    return found


class _Kind(NamedTuple):
    kind: Kind
    query: type[Any]
    address: str


_VMS = _Kind(Kind.VM, QueryVmInstance, "vmNics.ip")
_HOSTS = _Kind(Kind.HOST, QueryHost, "managementIp")


async def _found(
    ask: Ask, looked: _Kind, wanted: Sequence[Reference]
) -> dict[Reference, tuple[Any, ...]]:
    """The first of uuid, address and name by which each of `wanted` is there."""
    found: dict[Reference, tuple[Any, ...]] = {}
    for name, fits in (("uuid", _is_uuid), (looked.address, is_ip), ("name", bool)):
        left = {
            it.words: it
            for it in wanted
            if it.may_be(looked.kind) and it not in found and fits(it.words)
        }
        if not left:
            continue
        condition = where(name, *sorted(left), op=Op.IN)
        items = await ask(looked.query(conditions=(condition,), limit=1000))
        for words, reference in left.items():
            mine = tuple(it for it in items if words in _known_by(it, name))
            found |= {reference: mine} if mine else {}
    return found


def _known_by(item: Any, name: str) -> Iterator[str | None]:
    if name == "vmNics.ip":
        yield from (nic.ip for nic in item.vm_nics)
    elif name == "managementIp":
        yield item.management_ip
    else:
        yield getattr(item, name)


def _is_uuid(words: str) -> bool:
    return bool(UUID.fullmatch(words))
