"""`POST /alerts/…`: known by its secret, read, recorded, and only then answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from handlers.alerts import alertmanager, generic, grafana, pagerduty, zwatch
from handlers.alerts.reading import Unreadable
from handlers.web.body import bounded
from handlers.web.strangers import Strangers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request

    from desk.alerts.alert import Alert
    from desk.alerts.book import Book

    Endpoint = Callable[[Request], Awaitable[Response]]

_LONGEST = 64  # characters of a cloud's name

log = structlog.get_logger()


@dataclass(frozen=True)
class Source:
    """How the deliveries of one source are known and read."""

    name: str
    is_genuine: Callable[[str, Mapping[str, str], bytes], bool]
    parse: Callable[[Mapping[str, str], bytes], tuple[Alert, ...]]
    methods: tuple[str, ...] = ("POST",)


SOURCES = {
    one.name: one
    for one in (
        Source("alertmanager", alertmanager.is_genuine, alertmanager.parse),
        Source("grafana", grafana.is_genuine, grafana.parse, ("POST", "PUT")),
        Source("zwatch", zwatch.is_genuine, zwatch.parse),
        Source("pagerduty", pagerduty.is_genuine, pagerduty.parse),
        Source("generic", generic.is_genuine, generic.parse),
    )
}


def alert_routes(book: Book, secrets: Mapping[str, str]) -> list[Route]:
    """Make a route for every source whose secret is known; there is none for others."""
    return [
        Route(f"/alerts/{name}", _door(book, one, secret), methods=list(one.methods))
        for name, one in SOURCES.items()
        if (secret := secrets.get(name))
    ]


def _door(book: Book, source: Source, secret: str) -> Endpoint:
    strangers = Strangers(source.name)

    async def take(request: Request) -> Response:
        body = await bounded(request)
        if not source.is_genuine(secret, request.headers, body):
            if strangers.count(request):
                log.warning("alert_refused", source=source.name)
            said = "The secret or signature is missing or wrong."
            return PlainTextResponse(said, 401)
        try:
            alerts = source.parse(request.headers, body)
            alerts = _of(request.query_params.get("cloud", ""), alerts)
        except Unreadable as error:
            log.warning("alert_unreadable", source=source.name, reason=str(error))
            return PlainTextResponse(str(error), 400)
        new = await book.record(alerts)
        log.info("alerts", source=source.name, told=len(alerts), new=new)
        return JSONResponse({"alerts": len(alerts), "new": new}, 202)

    return take


def _of(cloud: str, alerts: tuple[Alert, ...]) -> tuple[Alert, ...]:
    """Keep which cloud the address names; no label, which the source would not know."""
    if not cloud:
        return alerts
    said = {"cloud": cloud[:_LONGEST]}
    return tuple(it.model_copy(update={"origin": it.origin | said}) for it in alerts)
