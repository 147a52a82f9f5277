"""Reading request bodies within bounds."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

if TYPE_CHECKING:
    from starlette.requests import Request

LARGEST = 1024 * 1024  # bytes (contract.md)
SLOWEST = 20.0  # seconds until a body has come


async def bounded(request: Request) -> bytes:
    """Read the body of `request`; raises a 413 over 1 MiB, a 408 when it does not come."""
    announced = request.headers.get("content-length", "0")
    if announced.isascii() and announced.isdigit() and int(announced) > LARGEST:
        raise _too_large()
    body = b""
    try:
        async with asyncio.timeout(SLOWEST):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LARGEST:
                    raise _too_large()
    except TimeoutError:
        raise _stop(408, "The body came too slowly.") from None
    except ClientDisconnect:  # nobody is left to answer, and it is no fault of ours
        raise HTTPException(400, "The request broke off.") from None
    return body


def _too_large() -> HTTPException:
    return _stop(413, "The body is over 1 MiB.")


def _stop(status: int, said: str) -> HTTPException:
    return HTTPException(status, said, {"Connection": "close"})  # the rest may come yet
