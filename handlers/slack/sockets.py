"""Socket Mode: as many connections as asked for, each replaced before it goes."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from slack_bolt import BoltResponse
from slack_bolt.async_app import AsyncBoltRequest

from handlers.slack import counters
from handlers.slack.links import NotConnected, ended, open_link
from handlers.slack.shape import is_shaped
from handlers.slack.socket import Patience, Socket, connect

if TYPE_CHECKING:
    from aiohttp import ClientSession
    from slack_bolt.async_app import AsyncApp
    from slack_sdk.web.async_client import AsyncWebClient

    from handlers.slack.envelopes import Envelope

AT_ONCE = 64  # envelopes that are worked on; what comes meanwhile waits

log = structlog.get_logger()


@dataclass(frozen=True)
class Pace:
    """Seconds between connecting and connecting again."""

    stagger: float = 3.0  # between the starts, so that not all end together
    shortest: float = 0.5
    longest: float = 30.0
    lasting: float = 60.0  # while only a person can mend it
    stable: float = 3.0  # a connection that lasted so long is replaced at once
    farewell: float = 30.0  # for Slack to close what it said it would

    def wait(self, failures: int, error: NotConnected) -> float:
        """Tell how long to wait after so many failures: ever longer, never in step."""
        longest = min(self.longest, self.shortest * 2.0 ** min(failures, 16))
        seconds = self.lasting if error.is_lasting else max(longest, error.seconds)
        return seconds * random.uniform(1.0, 1.5)  # noqa: S311  # no secret


class Sockets:
    """The connections of this process; whatever comes takes the way of what is posted."""

    def __init__(
        self,
        app: AsyncApp,
        client: AsyncWebClient,
        session: ClientSession,
        *,
        count: int,
        patience: Patience | None = None,
        pace: Pace | None = None,
    ) -> None:
        self._app = app
        self._client = client
        self._session = session
        self._count = count
        self._patience = patience or Patience()
        self._pace = pace or Pace()
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._current: dict[int, Socket] = {}
        self._all: set[Socket] = set()
        self._trouble = ""
        self._stopping = asyncio.Event()

    @property
    def up(self) -> int:
        """How many connections are up."""
        return sum(it.is_up for it in self._current.values())

    def __str__(self) -> str:
        """Say how it stands, for people."""
        said = f"{self.up} of {self._count} connected"
        return f"{said}: {self._trouble}" if self._trouble else said

    async def run(self) -> None:
        """Keep them up until told to stop; then acknowledge what is under way and close."""
        counters.CONNECTED.set_function(lambda: self.up)
        try:
            async with asyncio.TaskGroup() as group:
                for number in range(self._count):
                    group.create_task(self._keep(number, group))
                group.create_task(self._until_stopped())
        except* _Stopped:
            pass
        finally:
            await asyncio.gather(*(it.leave() for it in self._all))

    def stop(self) -> None:
        """Let `run` come to its end."""
        self._stopping.set()

    async def _until_stopped(self) -> None:
        await self._stopping.wait()
        raise _Stopped

    async def _keep(self, number: int, group: asyncio.TaskGroup) -> None:
        failures = 0
        await asyncio.sleep(number * self._pace.stagger)
        while True:
            try:
                await self._hold(number, group)
                failures = 0
            except NotConnected as error:
                self._trouble = str(error)
                seconds = self._pace.wait(failures, error)
                failures += 1
                log.warning("socket_waits", why=str(error), seconds=round(seconds, 1))
                await asyncio.sleep(seconds)

    async def _hold(self, number: int, group: asyncio.TaskGroup) -> None:
        """Connect, and return when it is time to connect again; raises NotConnected."""
        url = await open_link(self._client)
        socket = await connect(self._session, url, self._dispatch, self._patience)
        self._all.add(socket)
        before, self._current[number] = self._current.get(number), socket
        self._trouble = ""
        log.info("socket_connected", number=number)
        if before:
            counters.reconnected(before.reason)
            group.create_task(self._retire(before))
        time = asyncio.get_running_loop().time
        began = time()
        await socket.leaving.wait()
        log.info("socket_leaves", number=number, reason=socket.reason)
        error = ended(socket.reason)
        if error.is_lasting or time() - began < self._pace.stable:
            raise error

    async def _retire(self, before: Socket) -> None:
        """Let Slack close what it announced: until then something may come down it."""
        await before.ended(within=self._pace.farewell)
        await before.leave()
        self._all.discard(before)

    async def _dispatch(self, envelope: Envelope) -> BoltResponse:
        if not is_shaped(envelope.payload):
            log.warning("envelope_not_understood", type=envelope.kind)
            return BoltResponse(status=400)
        async with self._gate:
            try:
                request = AsyncBoltRequest(
                    mode="socket_mode",
                    body=envelope.payload,
                    headers=dict(envelope.headers),
                )
                return await self._app.async_dispatch(request)
            except Exception as error:  # nobody else would hear of it
                log.exception("envelope_failed", type=envelope.kind, exc_info=error)
                return BoltResponse(status=500)


class _Stopped(Exception):
    """It was asked for."""
