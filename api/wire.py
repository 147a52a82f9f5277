"""ZStack's REST protocol without a socket: write a request, read a reply."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode

from pydantic import SecretStr, ValidationError
from pydantic.alias_generators import to_camel

from api.errors import (
    ClockSkewed,
    DuplicateJob,
    JobUnknown,
    PermissionDenied,
    Refused,
    Rejected,
    SessionExpired,
    UnexpectedReply,
)
from api.models import ErrorCode
from api.query import Query

if TYPE_CHECKING:
    from datetime import tzinfo

    from api.answer import Answer
    from api.operation import Operation

Reply = TypeVar("Reply")

_OK, _ACCEPTED, _NOT_FOUND, _UNAVAILABLE = 200, 202, 404, 503
_EXPIRED = {"ID.1001", "ORG_ZSTACK_IDENTITY_10020"}
_SEGMENT = re.compile(r"(?!\.+$)[\w.~-]+", re.ASCII)
_LONGEST = 1e11  # milliseconds; a job that may take longer has no limit worth the name


@dataclass(frozen=True)
class Request:
    """What goes out, without host and credentials."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: dict[str, Any] | None = None

    @property
    def target(self) -> str:
        """Path and query string; lists are repeated keys, spaces are `%20`."""
        query = urlencode(self.query, quote_via=quote)
        return f"{self.path}?{query}" if query else self.path


@dataclass(frozen=True)
class Accepted:
    """A job was accepted; `timeout` is how long ZStack gives it, in seconds."""

    timeout: float | None = None


@dataclass(frozen=True)
class Running:
    """The job is not done yet."""


def to_request(operation: Operation[Any]) -> Request:
    """Write `operation` the way ZStack reads it (protocol.md §1.2).

    Path variables leave the parameters. What is left goes in the query string of a GET
    or DELETE, whose body ZStack never reads; otherwise in the body, under `params` for a
    creation and under the name of the API for an action, tags beside it.
    """
    if isinstance(operation, Query):
        return Request("GET", *_ask(operation))
    return _write(operation, operation.model_dump(mode="json", exclude_none=True))


def to_job_request(job_uuid: str) -> Request:
    """Ask for a job; nobody need be logged in for that."""
    return Request("GET", f"/v1/api-jobs/{_segment('job_uuid', job_uuid)}")


def _write(operation: Operation[Any], values: dict[str, Any]) -> Request:
    rest = operation.rest
    tags = {name: values.pop(name) for name in ("system_tags", "user_tags")}
    path = re.sub(
        r"\{(\w+)}", lambda found: _segment(found[1], values.pop(found[1])), rest.path
    )
    camel = {to_camel(name): value for name, value in values.items()}
    camel_tags = {to_camel(name): value for name, value in tags.items() if value}
    if rest.method in {"GET", "DELETE"}:
        return Request(rest.method, f"/v1{path}", _pairs(camel | camel_tags))
    action = to_camel_name(type(operation).__name__) if rest.method == "PUT" else None
    body = {action or "params": camel} if action or camel else {}
    return Request(rest.method, f"/v1{path}", (), body | camel_tags)


def _segment(name: str, value: str) -> str:
    # `..` would climb to the path of another API, even when it is percent-encoded.
    if not _SEGMENT.fullmatch(value):
        raise Refused(400, f"{name} is not a uuid")
    return value


def to_camel_name(name: str) -> str:
    """The key of an action's body: `StopVmInstance` → `stopVmInstance`."""
    return name[0].lower() + name[1:]


def _ask(query: Query[Any]) -> tuple[str, tuple[tuple[str, str], ...]]:
    if query.needs_zql:
        return "/v1/zql", (("zql", query.as_zql()),)
    pairs = [("q", condition.as_q()) for condition in query.conditions]
    pairs += [("limit", str(query.limit)), ("start", str(query.start))]
    if query.sort:
        direction = "" if query.sort.startswith("-") else "+"
        pairs.append(("sort", direction + query.sort))
    if query.fields:
        fields = [name for name in query.fields if name != "uuid"]
        # Without its uuid an inventory cannot be read.
        fields = ["uuid", *fields] if "uuid" in query.names else fields
        pairs.append(("fields", ",".join(fields)))
    return f"/v1{query.rest.path}", tuple(pairs)


def _pairs(values: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, _text(item))
        for name, value in values.items()
        for item in (value if isinstance(value, list) else [value])
    )


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def read_reply(
    operation: Operation[Reply], answer: Answer, zone: tzinfo
) -> Reply | Accepted:
    """Read the first answer: 202 for a job, 200 for a result, anything else raises."""
    if answer.status == _ACCEPTED and operation.rest.asynchronous:
        return Accepted(_timeout(answer))
    if answer.status == _OK:
        return _result(operation, answer, zone)
    raise _refusal(answer)


def _timeout(answer: Answer) -> float | None:
    # Accepted is accepted, whatever the body says about it.
    try:
        timeout = answer.data()["apiTimeout"]
        return timeout / 1000 if 0 < timeout < _LONGEST else None
    except (UnexpectedReply, KeyError, TypeError):
        return None


def read_job(
    operation: Operation[Reply], answer: Answer, zone: tzinfo
) -> Reply | Running:
    """Read what `/api-jobs/{uuid}` says: 202 while it runs, then 200 or 503.

    Any other refusal is of this look, by something in between, and not of the job.
    """
    if answer.status == _ACCEPTED:
        return Running()
    if answer.status == _OK:
        return _result(operation, answer, zone)
    if answer.status == _UNAVAILABLE:
        raise _rejection(answer)
    if answer.status == _NOT_FOUND and "job has been expired" in answer.text:
        raise JobUnknown(answer.status, "the job was never accepted, or is forgotten")
    raise UnexpectedReply(answer.status, answer.excerpt)


def _result(operation: Operation[Reply], answer: Answer, zone: tzinfo) -> Reply:
    rest, data = operation.rest, answer.data()
    if data.get("error") is not None:
        raise _rejection(answer)
    if rest.reply is None:
        return None  # type: ignore[return-value]  # such operations answer None
    found = _found(data)
    value = found if rest.reply == "*" else found.get(rest.reply)
    if value is None and found and rest.reply == "inventories":
        value = []
    try:
        return rest.reader.validate_python(value, context={"zone": zone})  # type: ignore[no-any-return]
    except ValidationError as error:
        reason = f"{rest.reply}: {error.errors(include_input=False)[0]['msg']}"
        raise UnexpectedReply(answer.status, reason) from None


def _found(data: dict[str, Any]) -> dict[str, Any]:
    # A question that was asked in ZQL is answered by one result per statement.
    match data:
        case {"results": [dict() as first]}:
            return first
        case {"results": _}:
            return {}
    return data


def _refusal(answer: Answer) -> Refused | Rejected | UnexpectedReply:
    if answer.status == _UNAVAILABLE:
        return _rejection(answer)
    if answer.status == 400 and "Duplicate job uuid" in answer.text:  # noqa: PLR2004  # §1.6
        return DuplicateJob(400, "this job uuid was accepted before")
    if answer.status == 403 and "TooSkewed" in answer.text:  # noqa: PLR2004  # §1.4
        return ClockSkewed(answer.skew)
    if answer.status in {400, 403, 404, 405}:
        return Refused(answer.status, answer.excerpt)
    return UnexpectedReply(answer.status, answer.excerpt)


def _rejection(answer: Answer) -> Rejected | UnexpectedReply:
    # Every business error is a 503 with an `error`; one without it is a proxy's (§1.4).
    try:
        error = ErrorCode.model_validate(answer.data()["error"])
    except (UnexpectedReply, KeyError, ValidationError):
        error = ErrorCode()
    if not str(error):
        return UnexpectedReply(answer.status, answer.excerpt)
    if {error.code, error.global_error_code} & _EXPIRED:
        return SessionExpired(error)
    return PermissionDenied(error) if error.code == "ID.1002" else Rejected(error)


def as_curl(
    operation: Operation[Any], base: str = "http://localhost:8080/zstack"
) -> str:
    """The equivalent command line; secrets are left for the reader to fill in."""
    request = _without_secrets(operation)
    parts = ["curl", "-X", request.method]
    if operation.rest.needs_session:
        parts += ["-H", "Authorization: OAuth <session-uuid>"]
    if request.body is not None:
        parts += ["-H", "Content-Type: application/json;charset=UTF-8"]
        parts += ["-d", json.dumps(request.body, ensure_ascii=False)]
    return shlex.join([*parts, base.rstrip("/") + request.target])


def _without_secrets(operation: Operation[Any]) -> Request:
    if isinstance(operation, Query):
        return to_request(operation)
    values = operation.model_dump(mode="json", exclude_none=True)
    for name, field in type(operation).model_fields.items():
        if field.annotation is SecretStr or not field.repr:
            values[name] = name.upper()
    return _write(operation, values)
