"""ZStack over HTTP: ask, submit a job, follow it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import stamina

from api.answer import Answer
from api.auth import AccessKeyAuth
from api.clock import ahead_of, date_header, likely_zones
from api.errors import (
    SKEW,
    ClockSkewed,
    JobUnfinished,
    Rejected,
    UnexpectedReply,
    Unreachable,
    ZStackError,
)
from api.operation import Risk
from api.operations import GetPlatformTimeZone
from api.silence import why
from api.timestamps import zone_of
from api.wire import (
    Accepted,
    Request,
    Running,
    read_job,
    read_reply,
    to_job_request,
    to_request,
)

if TYPE_CHECKING:
    from datetime import tzinfo

    from api.operation import Operation

Reply = TypeVar("Reply")

TIMEOUT = httpx.Timeout(30, connect=3, read=30, write=10, pool=5)
AT_ONCE = 16
_JSON = {"Content-Type": "application/json;charset=UTF-8"}
_NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.InvalidURL,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
)
# Worth asking again: timeouts and a node that is away (protocol.md §4).
_PASSING = {"SYS.1001", "SYS.1009", "SYS.1010", "SYS.1011", "SYS.1012"}
_AWAY = {502, 503, 504}  # without an `error` of ZStack's: something in between
_JOB_TIMEOUT = 1800.0  # seconds; ZStack's default for asynchronous APIs (§1.5)


class Cloud(Protocol):
    """What can be asked of a cloud."""

    async def call(
        self, operation: Operation[Reply], auth: httpx.Auth | None = None
    ) -> Reply:
        """Ask and wait for the answer; a job is followed to its end."""
        ...


def poll_delay(waited: float) -> float:
    """Seconds until the next look at a job that has been followed for `waited` seconds.

    A small part of the time so far: a short job is seen at once, a long one costs little.
    """
    return min(1.0, max(0.008, waited * 0.04))


class ZStack:
    """A management node at `url`, for example `http://mn.example:8080/zstack`.

    One long-lived client: building one costs 47 ms, and its pool collapses without the
    semaphore in front (libraries.md).
    """

    def __init__(
        self, url: str, *, http: httpx.AsyncClient, zone: tzinfo | None = None
    ) -> None:
        self.url = url.rstrip("/")
        self._http = http
        self._zone = zone
        self._guess: tzinfo = UTC  # what an access key writes its dates in meanwhile
        self._asking_zone = asyncio.Lock()
        self._zone_asked = 0
        self._gate = asyncio.Semaphore(AT_ONCE)

    async def call(
        self, operation: Operation[Reply], auth: httpx.Auth | None = None
    ) -> Reply:
        """Ask and wait for the answer; raises a ZStackError.

        Reads are repeated, writes only when they provably were not sent.
        """
        job_uuid = uuid4().hex
        async for attempt in stamina.retry_context(
            on=lambda error: _may_repeat(operation, error), attempts=3, wait_initial=0.2
        ):
            with attempt:
                reply = await self.submit(operation, job_uuid, auth)
        if isinstance(reply, Accepted):
            return await self.follow(operation, job_uuid, reply, auth)
        return reply

    async def submit(
        self,
        operation: Operation[Reply],
        job_uuid: str,
        auth: httpx.Auth | None = None,
        *,
        callback: str | None = None,
    ) -> Reply | Accepted:
        """Send once, under a job uuid of 32 hex digits that opens the result to anyone."""
        zone = await self.zone(auth if operation.rest.needs_session else None)
        headers = {}
        if operation.rest.asynchronous:
            headers = {"X-Job-UUID": job_uuid}
            headers |= {"X-Web-Hook": callback} if callback else {}
        answer = await self._ask(to_request(operation), headers, auth)
        return read_reply(operation, answer, zone)

    async def job(
        self, operation: Operation[Reply], job_uuid: str, auth: httpx.Auth | None = None
    ) -> Reply | Running:
        """Look once at a job.

        Asked by uuid, not by the `location` that ZStack returned: that is the management
        node's own address, often unreachable behind a VIP or a proxy (protocol.md §1.5).
        """
        answer = await self._ask(to_job_request(job_uuid), {}, None)
        return read_job(operation, answer, await self.zone(auth))

    async def follow(
        self,
        operation: Operation[Reply],
        job_uuid: str,
        accepted: Accepted,
        auth: httpx.Auth | None = None,
    ) -> Reply:
        """Look at a job until it is done; raises JobUnfinished after its timeout."""
        started = time.monotonic()
        while (waited := time.monotonic() - started) < (
            accepted.timeout or _JOB_TIMEOUT
        ):
            await asyncio.sleep(poll_delay(waited))
            try:
                reply = await self.job(operation, job_uuid, auth)
            except ZStackError as error:
                # The job runs on, and "not sent" would be said of the look alone.
                if not _is_away(error):
                    raise
                continue
            if not isinstance(reply, Running):
                return reply
        raise JobUnfinished(job_uuid)

    async def zone(self, auth: httpx.Auth | None) -> tzinfo:
        """The zone of ZStack's timestamps, asked once with the first session at hand.

        UTC while ZStack does not tell: before 4.1, or when the session is over. The next
        call asks again, but those who waited for the same answer do not.
        """
        times = self._zone_asked
        if auth and not self._zone:
            async with self._asking_zone:
                await self._ask_zone(times, auth)
        return self._zone or ZoneInfo("UTC")

    async def _ask_zone(self, times: int, auth: httpx.Auth) -> None:
        if times < self._zone_asked:
            return
        with contextlib.suppress(ZStackError):
            self._zone = await self._find_zone(auth)
        self._zone_asked += 1

    async def _find_zone(self, auth: httpx.Auth) -> tzinfo:
        """Ask for the zone; a key has to know it to ask, so that it is tried out (§2)."""
        question = GetPlatformTimeZone()
        for guess in likely_zones() if isinstance(auth, AccessKeyAuth) else [UTC]:
            self._guess = guess
            try:
                answer = await self._ask(to_request(question), {}, auth)
                said = read_reply(question, answer, guess)
            except ClockSkewed as error:
                if abs(error.seconds or 0) > SKEW:
                    raise  # no zone helps
            else:
                return zone_of(said.timezone, said.offset)  # type: ignore[union-attr]  # a read is never a job
        raise ClockSkewed(None)

    async def _ask(
        self, request: Request, headers: dict[str, str], auth: httpx.Auth | None
    ) -> Answer:
        async with self._gate:
            now = datetime.now(self._zone or self._guess)
            headers = headers | _JSON | {"Date": date_header(now)}
            try:
                answer = await self._http.request(
                    request.method,
                    self.url + request.target,
                    json=request.body,
                    headers=headers,
                    auth=auth,
                )
            except (httpx.RequestError, httpx.InvalidURL) as error:
                sent = not isinstance(error, _NOT_SENT)
                raise Unreachable(why(error), sent=sent) from None
        # ZStack writes UTF-8; a charset that a header claims may not even be a text's.
        text = answer.content.decode(errors="replace")
        return Answer(answer.status_code, text, ahead_of(answer.headers.get("Date")))


def _may_repeat(operation: Operation[Any], error: Exception) -> bool:
    if operation.rest.risk is Risk.READ:
        busy = isinstance(error, Rejected) and error.error.code in _PASSING
        return busy or _is_away(error)
    return isinstance(error, Unreachable) and not error.sent


def _is_away(error: Exception) -> bool:
    return isinstance(error, Unreachable) or (
        isinstance(error, UnexpectedReply) and error.status in _AWAY
    )


def connect(*, ca_file: str | None = None) -> httpx.AsyncClient:
    """The one HTTP client of a process: bounded, and deaf to proxy variables."""
    # It logs every URL, and ours may carry a session or a job.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    return httpx.AsyncClient(
        timeout=TIMEOUT,
        limits=httpx.Limits(max_connections=AT_ONCE, keepalive_expiry=15),
        trust_env=False,
        verify=_tls(ca_file),
        follow_redirects=False,
    )


def _tls(ca_file: str | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    return context
