"""How a request proves whose it is."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Generator


class SessionAuth(httpx.Auth):
    """`Authorization: OAuth <session uuid>` (protocol.md §2)."""

    def __init__(self, session_uuid: str) -> None:
        self._session_uuid = session_uuid

    def auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response]:
        """Sign one request."""
        request.headers["Authorization"] = f"OAuth {self._session_uuid}"
        yield request


class AccessKeyAuth(httpx.Auth):
    """`Authorization: ZStack <key id>:<signature>` over method, `Date` and path (§2).

    The date is the request's own, which the client writes in the node's zone.
    """

    def __init__(self, key_id: str, key_secret: str) -> None:
        self._key_id = key_id
        self._key_secret = key_secret.encode()

    def auth_flow(
        self, request: httpx.Request
    ) -> Generator[httpx.Request, httpx.Response]:
        """Sign one request."""
        # Neither the context (`/zstack`) nor the query string is signed.
        path = "/v1" + request.url.path.partition("/v1")[2]
        text = "\n".join((request.method, request.headers["Date"], path))
        digest = hmac.new(self._key_secret, text.encode(), hashlib.sha1).digest()
        signature = base64.b64encode(digest).decode()
        request.headers["Authorization"] = f"ZStack {self._key_id}:{signature}"
        yield request
