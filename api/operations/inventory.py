"""Looking at what is there: VMs, images, hosts, zones."""

from __future__ import annotations

from api.models import Cluster, Host, Image, VmInstance, Zone
from api.operation import Risk, rest
from api.query import Query, names_of


@rest("GET /vm-instances", command="vm list", risk=Risk.READ, reply="inventories")
class QueryVmInstance(Query[VmInstance]):
    """List VMs, or show one."""

    entity = "vminstance"
    names = names_of(
        VmInstance,
        *("zone.name", "cluster.name", "host.name", "host.managementIp", "image.name"),
        *(
            "vmNics.ip",
            "vmNics.mac",
            "vmCdRoms.isoUuid",
            "__systemTag__",
            "__userTag__",
        ),
    )


@rest("GET /images", risk=Risk.READ, reply="inventories")
class QueryImage(Query[Image]):
    """List images; an ISO is one whose mediaType is ISO."""

    entity = "image"
    names = names_of(Image)


@rest("GET /hosts", risk=Risk.READ, reply="inventories")
class QueryHost(Query[Host]):
    """List hosts."""

    entity = "host"
    names = names_of(Host)


@rest("GET /clusters", risk=Risk.READ, reply="inventories")
class QueryCluster(Query[Cluster]):
    """List clusters."""

    entity = "cluster"
    names = names_of(Cluster)


@rest("GET /zones", risk=Risk.READ, reply="inventories")
class QueryZone(Query[Zone]):
    """List zones."""

    entity = "zone"
    names = names_of(Zone)
