"""A request as it came in, and how a call is read out of it (protocol.md 1.2, 1.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from sandbox.zstack.api import Call
from sandbox.zstack.credentials import token_of
from sandbox.zstack.errors import PlainError
from sandbox.zstack.routes import read_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.zstack.api import Api
    from sandbox.zstack.node import Node

_TAGS = ("systemTags", "userTags")
_UUID_LENGTH = 32


@dataclass(frozen=True, kw_only=True)
class Request:
    """Method, path below `/v1`, and the rest of an HTTP request."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    body: bytes

    @property
    def job_uuid(self) -> str | None:
        """The job uuid the client chose, if it did."""
        return self.headers.get("x-job-uuid")


def read_call(
    node: Node, api: Api, variables: dict[str, str], request: Request
) -> Call:
    """Read the call, or refuse in text."""
    token = token_of(node, request) if api.needs_session else ""
    params, tags = _parameters(api, request)
    _check_job_uuid(node, request)
    return Call(
        node=node,
        api=api,
        variables=variables,
        params=params | variables,
        query=request.query,
        tags=tags,
        token=token,
        job_uuid=request.job_uuid or uuid4().hex,
        wants_schema="x-json-schema" in request.headers,
    )


def _check_job_uuid(node: Node, request: Request) -> None:
    uuid = request.job_uuid
    if uuid is None:
        return
    if len(uuid) != _UUID_LENGTH:
        raise PlainError(400, f"Invalid header[X-Job-UUID], {uuid} is no 32 characters")
    # Checked for sync calls too, although only asynchronous ones are ever stored.
    if request.method in {"POST", "PUT", "DELETE"} and uuid in node.jobs.rows:
        raise PlainError(400, f"Duplicate job uuid[{uuid}]")


def _parameters(api: Api, request: Request) -> tuple[dict[str, Any], list[str]]:
    if request.method in {"GET", "HEAD", "DELETE"}:
        return _from_query(api, request)  # the body is never read
    body = read_object(request.body)
    key = api.action if request.method == "PUT" else "params"
    if request.method == "PUT" and key not in body:
        raise PlainError(400, f"the body doesn't contain action[{key}]")
    inner = body.get(key)
    params: dict[str, Any] = inner if isinstance(inner, dict) else {}
    _check_integers(api, params)
    tags = body.get("systemTags") or params.get("systemTags") or []
    return params, [str(tag) for tag in tags] if isinstance(tags, list) else []


def _check_integers(api: Api, params: dict[str, Any]) -> None:
    """Take what is integral, "1.0" included; refuse "1.5" (protocol.md 1.2)."""
    for name in api.integers & params.keys():
        try:
            number = float(params[name])
        except (TypeError, ValueError):
            number = 0.5
        if not number.is_integer():
            raise PlainError(400, f"[{name}] should be an integer")
        params[name] = int(number)


def _from_query(api: Api, request: Request) -> tuple[dict[str, Any], list[str]]:
    params: dict[str, str] = {}
    tags: list[str] = []
    for key, value in request.query:
        name = key.partition(".")[0]
        if name == "systemTags":
            tags.append(value)
        elif key in params and key != "q":
            raise PlainError(400, f"Invalid query parameter. Duplicated '{key}'")
        elif key in api.fields:
            params[key] = value
    return params, tags


def ignored(api: Api, request: Request) -> list[str]:
    """Name the query parameters that mean nothing to the API."""
    if request.method not in {"GET", "HEAD", "DELETE"}:
        return []
    names = (key.partition(".")[0] for key, _ in request.query)
    return [name for name in names if name not in api.fields and name not in _TAGS]
