"""Answering by `response_url`: only to Slack, five times, for thirty minutes."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp
from cachetools import TTLCache

from desk.errors import Undeliverable
from handlers.slack.asking import SECONDS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

USES = 5
LIFETIME = 1800.0  # seconds (platform.md §2)
_TIMEOUT = aiohttp.ClientTimeout(total=SECONDS)
_TOO_MANY = 429
_OK = range(200, 300)
# What parsers disagree about, or repair in silence, is no address of Slack's.
_PLAIN = re.compile(r"[!-\[\]-~]+")


class Responder:
    """Posts to response_urls with one shared session; keeps their budget."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        hosts: Collection[str],
        *,
        now: Callable[[], float],
    ) -> None:
        self._http = http
        self._hosts = frozenset(hosts)
        self._now = now
        self._used: TTLCache[str, int] = TTLCache(10_000, LIFETIME)

    def may_use(self, url: str, since: float) -> bool:
        """Tell whether `url`, received at `since`, can still take an answer."""
        return (
            is_allowed(url, self._hosts)
            and self._now() - since < LIFETIME
            and self._used.get(url, 0) < USES
        )

    async def respond(self, url: str, body: dict[str, Any]) -> bool:
        """Post an answer; False when the url takes none any more. Raises Undeliverable."""
        self._used[url] = self._used.get(url, 0) + 1
        try:
            async with self._http.post(
                url, json=body, timeout=_TIMEOUT, allow_redirects=False
            ) as answer:
                status = answer.status
                wait = answer.headers.get("Retry-After", "1")
        except (aiohttp.ClientError, TimeoutError) as error:
            is_heard = not isinstance(error, aiohttp.ClientConnectorError)
            if not is_heard:
                self._give_back(url)
            raise Undeliverable(
                type(error).__name__, retry_after=1, may_stand=is_heard
            ) from None
        if status == _TOO_MANY:
            self._give_back(url)
            seconds = float(wait) if wait.isdecimal() else 1.0
            msg = "rate limited"
            raise Undeliverable(msg, retry_after=seconds)
        if status >= 500:  # noqa: PLR2004  # Slack's own fault: try again
            reason = f"response_url answered {status}"
            raise Undeliverable(reason, retry_after=1, may_stand=True)
        return status in _OK

    def _give_back(self, url: str) -> None:
        self._used[url] = max(0, self._used.get(url, 0) - 1)


def is_allowed(url: str, hosts: Collection[str]) -> bool:
    """Tell whether `url` is one of `hosts` exactly, over https unless it is loopback."""
    if not _PLAIN.fullmatch(url):
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    name = parts.hostname or ""
    host = name if port is None else f"{name}:{port}"
    if host not in hosts or parts.username is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(name))


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
