"""`/healthz`, `/readyz` and `/metrics`, for the platform."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import JSONResponse, PlainTextResponse, Response

if TYPE_CHECKING:
    from starlette.requests import Request

    from desk.store import Store


_REPORTED = ("zstack", "slack", "alerts", "policy")


@dataclass
class Health:
    """Ready = the database answers and we are not stopping; nothing else decides."""

    store: Store
    metrics_token: str = ""
    is_stopping: bool = False
    seen: dict[str, str] = field(default_factory=dict)
    """What was last seen of each, by name; reported only."""
    sockets: object = None
    """Says how the connections to Slack stand, where there are any; reported only."""

    async def healthz(self, request: Request) -> Response:  # noqa: ARG002  # an endpoint's shape
        """Answer at all: the event loop lives."""
        return PlainTextResponse("ok")

    async def readyz(self, request: Request) -> Response:  # noqa: ARG002  # an endpoint's shape
        """Tell whether commands are accepted."""
        database = await self.store.is_alive()
        ready = database and not self.is_stopping
        said: dict[str, object] = {
            "ready": ready,
            "database": database,
            "stopping": self.is_stopping,
        }
        said |= {name: self.seen.get(name, "not asked yet") for name in _REPORTED}
        if self.sockets:
            said["sockets"] = str(self.sockets)
        return JSONResponse(said, 200 if ready else 503)

    async def metrics(self, request: Request) -> Response:
        """Show the counters, to whoever has the token when one is set."""
        given = request.headers.get("authorization", "").encode()
        wanted = f"Bearer {self.metrics_token}".encode()
        if self.metrics_token and not hmac.compare_digest(given, wanted):
            return PlainTextResponse("The bearer token is missing or wrong.", 401)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
