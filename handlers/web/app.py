"""Every HTTP route in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from desk.errors import StoreUnavailable
from handlers.web.headers import Headers
from handlers.web.jobs import jobs
from handlers.web.login import LoginPage

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from starlette.requests import Request

    from desk.desk import Desk
    from handlers.web.health import Health

    Endpoint = Callable[[Request], Awaitable[Response]]

log = structlog.get_logger()


def web(
    desk: Desk,
    health: Health,
    slack: Endpoint | None,
    *,
    alerts: Sequence[Route] = (),
) -> Headers:
    """Build the application; without `slack` there is no route for it.

    `alerts` are the routes of alert sources.
    """
    page = LoginPage(desk)
    routes = [
        Route("/login/{ticket}", page.show, methods=["GET"]),
        Route("/login/{ticket}", page.take, methods=["POST"]),
        Route("/zstack/jobs", jobs(desk), methods=["POST"]),
        Route("/healthz", health.healthz),
        Route("/readyz", health.readyz),
        Route("/metrics", health.metrics),
        *alerts,
    ]
    if slack:
        routes.append(Route("/slack/events", slack, methods=["POST"]))
    faults = {StoreUnavailable: _no_store, Exception: _our_fault}
    app = Starlette(routes=routes, exception_handlers=faults)
    return Headers(app, public_url=desk.public_url)


async def _no_store(request: Request, error: Exception) -> Response:  # noqa: ARG001  # an endpoint's shape
    log.error("store_unavailable", reason=str(error))
    return PlainTextResponse("The bot's database does not answer. Try again.", 503)


async def _our_fault(request: Request, error: Exception) -> Response:  # noqa: ARG001  # an endpoint's shape
    log.error("request_failed", exc_info=error)
    return PlainTextResponse("A fault of this bot stopped the request.", 500)
