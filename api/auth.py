"""How a request proves whose it is."""

from __future__ import annotations

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
