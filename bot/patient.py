"""HTTP that does not wait for ever: a request begins in time, or its connection is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.h11_impl import H11Protocol

if TYPE_CHECKING:
    import asyncio

FIRST = 20.0  # seconds from the connection to the end of the first request's headers


class Patient(H11Protocol):
    """uvicorn's protocol, which would wait for the end of a request's headers for ever."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Wait for a first request."""
        super().connection_made(transport)
        self._wait(FIRST)

    def on_response_complete(self) -> None:
        """Wait for another request, also when its first bytes have come."""
        self._wait(float(self.timeout_keep_alive))
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing more."""
        super().connection_lost(exc)
        self._stop()

    def _wait(self, seconds: float) -> None:
        self._stop()
        self._waiting = self.loop.call_later(seconds, self._give_up)

    def _stop(self) -> None:
        if self._waiting:
            self._waiting.cancel()

    def _give_up(self) -> None:
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()
