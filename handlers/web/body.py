"""Reading request bodies within bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

if TYPE_CHECKING:
    from starlette.requests import Request

LARGEST = 1024 * 1024  # bytes (contract.md)


async def bounded(request: Request) -> bytes:
    """Read the body of `request`; raises a 413 when it is over 1 MiB."""
    announced = request.headers.get("content-length", "0")
    if announced.isascii() and announced.isdigit() and int(announced) > LARGEST:
        raise _too_large()
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST:
                raise _too_large()
    except ClientDisconnect:  # nobody is left to answer, and it is no fault of ours
        raise HTTPException(400, "The request broke off.") from None
    return body


def _too_large() -> HTTPException:
    return HTTPException(413, "The body is over 1 MiB.")
