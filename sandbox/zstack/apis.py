"""Every API the node has."""

from __future__ import annotations

from sandbox.zstack import accounts, alarms, iso, management, zql
from sandbox.zstack.api import Api, Call
from sandbox.zstack.entities import ENTITIES
from sandbox.zstack.lifecycle import LIFECYCLE
from sandbox.zstack.query import FIELDS, query

_QUERIES = {
    "QueryVmInstance": ("/vm-instances", "vminstance"),
    "QueryVmCdRom": ("/vm-instances/cdroms", "vmcdrom"),
    "QueryVmNic": ("/vm-instances/nics", "vmnic"),
    "QueryVolume": ("/volumes", "volume"),
    "QueryImage": ("/images", "image"),
    "QueryHost": ("/hosts", "host"),
    "QueryZone": ("/zones", "zone"),
    "QueryCluster": ("/clusters", "cluster"),
    "QueryL3Network": ("/l3-networks", "l3network"),
    "QueryPrimaryStorage": ("/primary-storage", "primarystorage"),
    "QuerySystemTag": ("/system-tags", "systemtag"),
    "QueryGlobalConfig": ("/global-configurations", "globalconfig"),
    "QueryAccount": ("/accounts", "account"),
    "QueryAccountResourceRef": ("/accounts/resources/refs", "accountresourceref"),
}

_ACCOUNTS = (
    Api(
        name="LogInByAccount",
        method="PUT",
        path="/accounts/login",
        run=accounts.log_in_by_account,
        is_sync=True,
        needs_session=False,
        shares_path=False,
    ),
    Api(
        name="LogInByUser",
        method="PUT",
        path="/accounts/users/login",
        run=accounts.log_in_by_user,
        is_sync=True,
        needs_session=False,
        shares_path=False,
    ),
    Api(
        name="LogIn",
        method="PUT",
        path="/login",
        run=accounts.log_in,
        is_sync=True,
        needs_session=False,
        shares_path=False,
    ),
    Api(
        name="LogInByLdap",
        method="PUT",
        path="/ldap/login",
        run=accounts.log_in_by_ldap,
        is_sync=True,
        needs_session=False,
        shares_path=False,
    ),
    Api(
        name="LogOut",
        method="DELETE",
        path="/accounts/sessions/{sessionUuid}",
        run=accounts.log_out,
        is_sync=True,
        needs_session=False,
        shares_path=False,
    ),
    Api(
        name="ValidateSession",
        method="GET",
        path="/accounts/sessions/{sessionUuid}/valid",
        run=accounts.validate_session,
        is_sync=True,
        needs_session=False,
        shares_path=False,
    ),
    Api(
        name="RenewSession",
        method="PUT",
        path="/accounts/sessions/{sessionUuid}/renew",
        run=accounts.renew_session,
        shares_path=False,
        integers=frozenset({"duration"}),
    ),
)

_MANAGEMENT = (
    Api(
        name="GetVersion",
        method="PUT",
        path="/management-nodes/actions",
        run=management.version,
        is_sync=True,
        needs_session=False,
    ),
    Api(
        name="GetCurrentTime",
        method="PUT",
        path="/management-nodes/actions",
        run=management.current_time,
        is_sync=True,
        needs_session=False,
    ),
    Api(
        name="IsReadyToGo",
        method="GET",
        path="/management-nodes/ready",
        run=management.is_ready,
        is_sync=True,
        needs_session=False,
        shares_path=False,
    ),
    Api(
        name="GetPlatformTimeZone",
        method="GET",
        path="/management-nodes/platform-timezone",
        run=management.time_zone,
        is_sync=True,
        shares_path=False,
    ),
    Api(
        name="GetTaskProgress",
        method="GET",
        path="/task-progresses/{apiId}",
        run=management.task_progress,
        is_sync=True,
        shares_path=False,
        fields=frozenset({"all"}),
    ),
)

_ZQL = Api(
    name="ZQLQuery",
    method="GET",
    path="/zql",
    run=zql.run,
    is_sync=True,
    shares_path=False,
    fields=frozenset({"zql"}),
)

_ISO = (
    Api(
        name="AttachIsoToVmInstance",
        method="POST",
        path="/vm-instances/{vmInstanceUuid}/iso/{isoUuid}",
        run=iso.attach,
        check=iso.check_attach,
        shares_path=False,
    ),
    Api(
        name="DetachIsoFromVmInstance",
        method="DELETE",
        path="/vm-instances/{vmInstanceUuid}/iso",
        run=iso.detach,
        check=iso.check_detach,
        shares_path=False,
        fields=frozenset({"isoUuid", "deleteMode"}),
    ),
    Api(
        name="GetCandidateIsoForAttachingVm",
        method="GET",
        path="/vm-instances/{vmInstanceUuid}/iso-candidates",
        run=iso.candidates,
        check=Call.check_vm,
        is_sync=True,
        shares_path=False,
    ),
)


def _query_apis(name: str, path: str, kind: str) -> list[Api]:
    return [
        Api(
            name=name,
            method="GET",
            path=path + suffix,
            run=query(ENTITIES[kind]),
            is_sync=True,
            fields=FIELDS,
        )
        for suffix in ("", "/{uuid}")
    ]


APIS: tuple[Api, ...] = (
    *_ACCOUNTS,
    *_MANAGEMENT,
    _ZQL,
    *_ISO,
    *LIFECYCLE,
    *alarms.ALARMS,
    *(api for name, where in _QUERIES.items() for api in _query_apis(name, *where)),
)
