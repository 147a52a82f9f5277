"""Rows of the audit to a syslog server: RFC 5424, framed over TCP as in RFC 6587."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from desk.chain import Link
    from desk.policy.audit import Server

_PRIORITY = 13 * 8 + 6  # the facility “log audit”, informational
_DATAGRAM = 60_000  # bytes; none carries more than 65,507
_TOO_LONG = "too long for a datagram; python -m bot audit export has it"


def line(link: Link, *, longest: int | None = None) -> bytes:
    """Write a row; one that is longer than `longest` only by its number and hash."""
    head = f"<{_PRIORITY}>1 {_moment(link)} {_host()} zstack-chatops - audit - "
    whole = (head + link.line).encode()
    if longest is None or len(whole) <= longest:
        return whole
    told = {"number": link.number, "hash": link.hash, "left_out": _TOO_LONG}
    return (head + json.dumps(told, separators=(",", ":"))).encode()


def _moment(link: Link) -> str:
    """When it was, or nothing if somebody wrote no moment there: that shall be told too."""
    try:
        return datetime.fromtimestamp(link.at, UTC).isoformat(timespec="microseconds")
    except (ValueError, OverflowError, OSError):
        return "-"


def _host() -> str:
    return socket.gethostname()[:255] or "-"


async def send(server: Server, links: Sequence[Link]) -> None:
    """Send rows; raises OSError. Only TCP says that they were taken."""
    if server.is_stream:
        await _stream(server, [line(it) for it in links])
    else:
        await _datagrams(server, [line(it, longest=_DATAGRAM) for it in links])


async def _stream(server: Server, lines: Sequence[bytes]) -> None:
    """Send and close, and wait for the server to close too: it has read all by then."""
    reader, writer = await asyncio.open_connection(server.host, server.port)
    try:
        writer.writelines(b"%d %b" % (len(it), it) for it in lines)
        await writer.drain()
        writer.write_eof()
        while await reader.read(4096):  # it has nothing to say; only its end counts
            pass
    finally:
        writer.close()


async def _datagrams(server: Server, lines: Sequence[bytes]) -> None:
    loop = asyncio.get_running_loop()
    family, address = await _address(server)
    with socket.socket(family, socket.SOCK_DGRAM) as made:
        made.settimeout(0)
        await loop.sock_connect(made, address)
        for one in lines:
            await loop.sock_sendall(made, one)
        if fault := made.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise OSError(fault, os.strerror(fault))  # nobody listens there


async def _address(server: Server) -> tuple[int, Any]:
    if not server.port:
        return socket.AF_UNIX, server.host
    loop = asyncio.get_running_loop()
    kind = socket.SOCK_DGRAM
    found = await loop.getaddrinfo(server.host, server.port, type=kind)
    family, *_, address = found[0]
    return family, address
