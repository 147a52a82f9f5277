"""Counts what comes from where and is not genuine, and bounds what that costs us."""

from __future__ import annotations

import time
from ipaddress import ip_network
from typing import TYPE_CHECKING

import structlog
from cachetools import TTLCache
from prometheus_client import Counter

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request

FREE = 60  # that one address may send at a door before it is turned away for a minute
_ADDRESSES = 4096  # that are remembered, so that memory stays bounded
_MINUTE = 60.0
_COUNTED = Counter("strangers", "Requests that were not genuine, by door.", ["door"])

log = structlog.get_logger()


class Strangers:
    """One door's count by address; what is genuine does not count.

    Behind a proxy all have its address, unless uvicorn trusts it (FORWARDED_ALLOW_IPS).
    So whatever must not be lost is looked at all the same, and only the log is spared.
    """

    def __init__(
        self, door: str, *, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self._door = door
        self._seen: TTLCache[str, int] = TTLCache(_ADDRESSES, _MINUTE, timer)

    def count(self, request: Request) -> bool:
        """Count a request that is not genuine; False when it is not worth a line."""
        _COUNTED.labels(self._door).inc()
        address = _network(request)
        seen = self._seen.get(address, 0)
        if seen < FREE:
            self._seen[address] = seen + 1
        if seen == FREE - 1:
            log.warning("turned_away", door=self._door, address=address)
        return seen < FREE - 1

    def is_turned_away(self, request: Request) -> bool:
        """Whether too much that is not genuine came from there within a minute."""
        return self._seen.get(_network(request), 0) >= FREE


def _network(request: Request) -> str:
    """Who has one address of version 6 has 2^64 of them."""
    host = request.client.host if request.client else ""
    try:
        return str(ip_network(f"{host}/64" if ":" in host else host, strict=False))
    except ValueError:
        return host
