"""Slack's deliveries: bounded, verified, then handed to Bolt."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import structlog
from slack_bolt.async_app import AsyncBoltRequest
from slack_bolt.request.internals import parse_body
from starlette.responses import PlainTextResponse, Response

from handlers.slack.shape import is_shaped
from handlers.slack.signature import fault
from handlers.web.body import bounded
from handlers.web.strangers import Strangers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from slack_bolt.async_app import AsyncApp
    from starlette.requests import Request

log = structlog.get_logger()


def ingress(
    app: AsyncApp, secrets: Sequence[str], *, now: Callable[[], float] = time.time
) -> Callable[[Request], Awaitable[Response]]:
    """Make the endpoint of `POST /slack/events`.

    Verified here and not by Bolt, which knows one secret, raises on a malformed header
    and logs the body of a forged request (libraries.md).
    """
    strangers = Strangers("slack")

    async def receive(request: Request) -> Response:
        body = await bounded(request)
        wrong = fault(
            secrets,
            timestamp=request.headers.get("x-slack-request-timestamp", ""),
            signature=request.headers.get("x-slack-signature", ""),
            body=body,
            now=now(),
        )
        if wrong:
            if strangers.count(request):
                log.warning("delivery_refused", reason=wrong)
            return PlainTextResponse("The request is not signed by Slack.", 401)
        delivery = _delivery(body, dict(request.headers))
        if not delivery:
            return PlainTextResponse("The body is not what Slack sends.", 400)
        answer = await app.async_dispatch(delivery)
        headers = {name: values[0] for name, values in answer.headers.items()}
        return Response(answer.body, answer.status, headers)

    return receive


def _delivery(body: bytes, headers: dict[str, str]) -> AsyncBoltRequest | None:
    """Read a delivery; None when it is no UTF-8, no JSON, too deep, or not Slack's shape."""
    try:
        text = body.decode()
        if not is_shaped(parse_body(text, headers.get("content-type"))):
            return None
        return AsyncBoltRequest(body=text, headers=headers)  # type: ignore[arg-type]  # one value a header is fine
    except (ValueError, RecursionError):
        return None
