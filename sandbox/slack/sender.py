"""Sign what Slack sends to the bot, send it, and time the acknowledgement."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx

_AT_ONCE = 32
_OK = 200


@dataclass(frozen=True)
class Delivery:
    """The exact bytes of one request to the bot; send it twice and it is a replay."""

    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class Ack:
    """What the bot answered; `failure` is Slack's word when that is no acknowledgement."""

    status: int
    body: str
    seconds: float
    failure: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def is_ok(self) -> bool:
        """Whether Slack would be content."""
        return not self.failure

    @property
    def json(self) -> Any:
        """The body as JSON; None when it is empty or something else."""
        try:
            return json.loads(self.body) if self.body else None
        except ValueError:
            return None


def form(fields: dict[str, str]) -> tuple[bytes, str]:
    """Write a form body and its content type."""
    return urlencode(fields).encode(), "application/x-www-form-urlencoded"


def payload(value: dict[str, Any]) -> tuple[bytes, str]:
    """Write an interaction: JSON in the one field of a form."""
    return form({"payload": json.dumps(value)})


def event_json(value: dict[str, Any]) -> tuple[bytes, str]:
    """Write an event: a JSON body."""
    return json.dumps(value).encode(), "application/json"


def sign(
    body: bytes,
    content_type: str,
    *,
    secret: str,
    at: float | None = None,
    more: dict[str, str] | None = None,
) -> Delivery:
    """Sign a body as Slack's version 0 does; a wrong secret or an old time makes a bad one."""
    timestamp = str(int(time.time() if at is None else at))
    base = b"v0:" + timestamp.encode() + b":" + body
    signature = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": content_type,
        "User-Agent": "Slackbot 1.0 (sandbox)",
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": f"v0={signature}",
    }
    return Delivery(body, headers | (more or {}))


class Sender:
    """One long-lived client that posts deliveries to the bot."""

    def __init__(self, ack_seconds: float, patience_seconds: float) -> None:
        self.ack_seconds = ack_seconds
        limits = httpx.Limits(
            max_connections=_AT_ONCE, max_keepalive_connections=_AT_ONCE
        )
        self._client = httpx.AsyncClient(
            timeout=patience_seconds,
            limits=limits,
            trust_env=False,
            verify=False,  # noqa: S501  # loopback; reading the authorities costs 40 ms
        )
        # httpx's pool slows down badly with more waiting for it than it has connections.
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def send(self, delivery: Delivery, to: str) -> Ack:
        """Post and time it; an answer that comes too late is a failure, whatever it says."""
        async with self._turn:
            begun = time.perf_counter()
            try:
                answer = await self._client.post(
                    to, content=delivery.body, headers=delivery.headers
                )
            except httpx.TransportError as error:
                seconds = time.perf_counter() - begun
                timed_out = isinstance(error, httpx.TimeoutException)
                failure = "operation_timeout" if timed_out else "dispatch_failed"
                return Ack(0, "", seconds, failure)
            seconds = time.perf_counter() - begun
        failure = ""
        if seconds > self.ack_seconds:
            failure = "operation_timeout"
        elif answer.status_code != _OK:
            failure = "dispatch_failed"
        return Ack(
            answer.status_code, answer.text, seconds, failure, dict(answer.headers)
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()
