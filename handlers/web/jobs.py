"""`POST /zstack/jobs`: ZStack says that a job ended. A hint, never the truth."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import structlog
from starlette.responses import PlainTextResponse, Response

from handlers.web.body import bounded
from handlers.web.strangers import Strangers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request

    from desk.desk import Desk

_TOO_MANY = (
    "Too many callbacks for jobs that nobody here waits for came from this address. "
    "They are taken again in a minute."
)
_JOB = re.compile(r"[0-9a-f]{32}")

log = structlog.get_logger()


def jobs(desk: Desk) -> Callable[[Request], Awaitable[Response]]:
    """Make the endpoint. It is unsigned, so it only makes us ask for the job earlier."""
    strangers = Strangers("callbacks")

    async def ended(request: Request) -> Response:
        if strangers.is_turned_away(request):
            return PlainTextResponse(_TOO_MANY, 429)
        await bounded(request)  # read and dropped: anybody may have written it
        job_uuid = request.headers.get("x-job-uuid", "")
        if not _JOB.fullmatch(job_uuid):
            strangers.count(request)
            return PlainTextResponse("X-Job-UUID must be 32 hexadecimal digits.", 400)
        is_known = await desk.ledger.knows(job_uuid)
        if not is_known:
            if strangers.count(request):
                log.info("callback_ignored", known=False)
        elif not await desk.ledger.called(job_uuid):
            log.info("callback_ignored", known=True)
        # The same answer for all: it tells nobody which jobs exist.
        return Response(status_code=204)

    return ended
