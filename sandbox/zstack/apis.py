"""Every API the node has, and which one a request is for (protocol.md 1.1)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from sandbox.zstack import accounts, iso, management
from sandbox.zstack.api import Api
from sandbox.zstack.entities import ENTITIES
from sandbox.zstack.errors import PlainError
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
    "QueryAccount": ("/accounts", "account"),
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
    *_ISO,
    *(api for name, where in _QUERIES.items() for api in _query_apis(name, *where)),
)


@dataclass(frozen=True)
class Route:
    """A path and the APIs that have it."""

    pattern: re.Pattern[str]
    apis: tuple[Api, ...]

    def choose(self, method: str, body: bytes) -> Api:
        """Choose by method, and in a PUT by the action named in the body."""
        if not self.apis[0].shares_path:
            return self.apis[0]
        mine = [api for api in self.apis if api.method == method]
        if not mine:
            raise PlainError(500, f"No {method.lower()} API found")
        if method != "PUT":
            return mine[0]
        keys = read_object(body, required=True)
        found = next((api for api in mine if api.action in keys), None)
        if not found:
            raise PlainError(400, "the body doesn't contain action mapping to the URL")
        return found


def read_object(body: bytes, *, required: bool = False) -> dict[str, object]:
    """Read a JSON object; what is not one ends as a 500 (protocol.md 1.4)."""
    if not body and not required:
        return {}
    try:
        value = json.loads(body or b"null")
    except ValueError as error:
        raise PlainError(500, f"MalformedJsonException: {error}") from error
    if not isinstance(value, dict):
        raise PlainError(500, "java.lang.NullPointerException")
    return value


def _routes() -> list[Route]:
    paths = dict.fromkeys(api.path for api in APIS)
    # A path with fewer variables is the better match: /cdroms before /{uuid}.
    return [
        Route(
            re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path)),
            tuple(api for api in APIS if api.path == path),
        )
        for path in sorted(paths, key=lambda path: path.count("{"))
    ]


ROUTES = _routes()


def find(method: str, path: str, body: bytes) -> tuple[Api, dict[str, str]]:
    """Find the API of a request and the variables in its path (below `/v1`)."""
    for route in ROUTES:
        if found := route.pattern.fullmatch(path):
            return route.choose(method, body), found.groupdict()
    raise PlainError(404, f"no api mapping to {path}")
