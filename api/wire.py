"""ZStack's REST protocol without a socket: write a request, read a reply."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote, urlencode

from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from api.errors import (
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

    from api.operation import Operation

Reply = TypeVar("Reply")

_OK, _ACCEPTED, _UNAVAILABLE = 200, 202, 503
_EXPIRED = {"ID.1001", "ORG_ZSTACK_IDENTITY_10020"}
_SHOWN = 200  # characters of an unreadable answer that are worth repeating


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
        return self.path + (
            f"?{urlencode(self.query, quote_via=quote)}" if self.query else ""
        )


@dataclass(frozen=True)
class Answer:
    """What came back. ZStack names no content type, so only the text counts."""

    status: int
    text: str


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
    rest = operation.rest
    if isinstance(operation, Query):
        return Request("GET", *_ask(operation))
    values = operation.model_dump(mode="json", exclude_none=True)
    tags = {name: values.pop(name) for name in ("system_tags", "user_tags")}
    path = re.sub(
        r"\{(\w+)}", lambda match: quote(str(values.pop(match[1])), safe=""), rest.path
    )
    camel = {to_camel(name): value for name, value in values.items()}
    camel_tags = {to_camel(name): value for name, value in tags.items() if value}
    if rest.method in {"GET", "DELETE"}:
        return Request(rest.method, f"/v1{path}", _pairs(camel | camel_tags))
    name = type(operation).__name__
    if rest.method == "PUT":
        return Request(
            "PUT", f"/v1{path}", (), {to_camel_name(name): camel} | camel_tags
        )
    params = {"params": camel} if camel else {}
    return Request("POST", f"/v1{path}", (), params | camel_tags)


def to_camel_name(name: str) -> str:
    """The key of an action's body: `StopVmInstance` → `stopVmInstance`."""
    return name[0].lower() + name[1:]


def _ask(query: Query[Any]) -> tuple[str, tuple[tuple[str, str], ...]]:
    if query.needs_zql:
        return "/v1/zql", (("zql", query.as_zql()),)
    pairs = [("q", condition.as_q()) for condition in query.conditions]
    pairs += [("limit", str(query.limit)), ("start", str(query.start))]
    if query.sort:
        pairs.append(
            ("sort", query.sort if query.sort[0] in "+-" else f"+{query.sort}")
        )
    if query.fields:
        pairs.append(("fields", ",".join(query.fields)))
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
    if answer.status == _ACCEPTED:
        timeout = _json(answer).get("apiTimeout")
        return Accepted(timeout / 1000 if isinstance(timeout, int | float) else None)
    if answer.status == _OK:
        return _result(operation, answer, zone)
    raise _refusal(answer)


def read_job(
    operation: Operation[Reply], answer: Answer, zone: tzinfo
) -> Reply | Running:
    """Read what `/api-jobs/{uuid}` says: 202 while it runs, then 200 or 503."""
    if answer.status == _ACCEPTED:
        return Running()
    if answer.status == _OK:
        return _result(operation, answer, zone)
    raise _refusal(answer)


def _result(operation: Operation[Reply], answer: Answer, zone: tzinfo) -> Reply:
    rest, data = operation.rest, _json(answer)
    if rest.reply is None:
        return None  # type: ignore[return-value]  # such operations answer None
    results = data.get("results")  # the answer to a question that was asked in ZQL
    found = (results[0] if results else data) if isinstance(operation, Query) else data
    value = found if rest.reply == "*" else found.get(rest.reply)
    if value is None and isinstance(operation, Query):
        value = []
    try:
        return rest.reader.validate_python(value, context={"zone": zone})  # type: ignore[no-any-return]
    except ValidationError as error:
        reason = f"{rest.reply}: {error.errors(include_input=False)[0]['msg']}"
        raise UnexpectedReply(answer.status, reason) from None


def _refusal(answer: Answer) -> Refused | Rejected | UnexpectedReply:
    text = answer.text.strip()
    if answer.status == _UNAVAILABLE:
        return _rejection(answer)
    if answer.status == 404:  # noqa: PLR2004  # protocol.md §1.4
        return (
            JobUnknown(404, text) if "api mapping" not in text else Refused(404, text)
        )
    if answer.status == 400 and "Duplicate job uuid" in text:  # noqa: PLR2004  # §1.6
        return DuplicateJob(400, text)
    if answer.status in {400, 403, 405}:
        return Refused(answer.status, text[:_SHOWN])
    return UnexpectedReply(answer.status, text[:_SHOWN] or "an empty body")


def _rejection(answer: Answer) -> Rejected | UnexpectedReply:
    # Every business error is a 503 with an `error`; one without it is a proxy's (§1.4).
    try:
        error = ErrorCode.model_validate(_json(answer)["error"])
    except (UnexpectedReply, KeyError, ValidationError):
        return UnexpectedReply(
            answer.status, answer.text.strip()[:_SHOWN] or "an empty body"
        )
    if {error.code, error.global_error_code} & _EXPIRED:
        return SessionExpired(error)
    return PermissionDenied(error) if error.code == "ID.1002" else Rejected(error)


def _json(answer: Answer) -> dict[str, Any]:
    try:
        data = json.loads(answer.text or "{}")
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise UnexpectedReply(answer.status, answer.text.strip()[:_SHOWN])
    return data


def as_curl(
    operation: Operation[Any], base: str = "http://localhost:8080/zstack"
) -> str:
    """The equivalent command line; the session is left for the reader to fill in."""
    request = to_request(operation)
    parts = ["curl", "-X", request.method]
    if operation.rest.needs_session:
        parts += ["-H", "Authorization: OAuth <session-uuid>"]
    if request.body is not None:
        parts += ["-H", "Content-Type: application/json;charset=UTF-8"]
        parts += ["-d", json.dumps(request.body, ensure_ascii=False)]
    return shlex.join([*parts, base.rstrip("/") + request.target])
