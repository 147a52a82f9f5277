"""Which API a request is for (protocol.md 1.1)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.zstack.apis import APIS
from sandbox.zstack.errors import PlainError

if TYPE_CHECKING:
    from sandbox.zstack.api import Api


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
