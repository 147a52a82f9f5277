"""`audit:` – where else every row of the audit is told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator

from desk.policy.conditions import Part
from desk.policy.ids import ChannelId

_HOST = r"(?P<over>udp|tcp)://(?P<host>[\w.-]+|\[[0-9a-fA-F:.]+\]):(?P<port>\d{1,5})"
_PORTS = range(1, 65_536)


@dataclass(frozen=True)
class Server:
    """A syslog server; without a port, `host` is the path of a local socket."""

    host: str
    port: int = 0
    is_stream: bool = False

    def __str__(self) -> str:
        """Name it for the log."""
        return f"{self.host}:{self.port}" if self.port else self.host


def read_server(text: str) -> Server:
    """Read `udp://host:port`, `tcp://host:port` or a path; raises ValueError."""
    if re.fullmatch(r"/\S+", text):
        return Server(text)
    found = re.fullmatch(_HOST, text)
    if not found or int(found["port"]) not in _PORTS:
        message = (
            f"“{text}” is not a syslog server: write udp://host:514, tcp://host:601 or the "
            "path of a local socket, for example /dev/log"
        )
        raise ValueError(message)
    host = found["host"].strip("[]")
    return Server(host, int(found["port"]), is_stream=found["over"] == "tcp")


def _checked(text: str) -> str:
    read_server(text)
    return text


class Audit(Part):
    """Copies of the audit: at a `syslog` server, and a line a row in a `channel`."""

    channel: ChannelId | None = None
    syslog: Annotated[str, AfterValidator(_checked)] | None = None

    @property
    def server(self) -> Server | None:
        """The syslog server, if there is one."""
        return read_server(self.syslog) if self.syslog else None
