"""Addresses in the settings: of web servers and of databases."""

from __future__ import annotations

import ipaddress
import re
from importlib.util import find_spec
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

_DRIVERS = {"sqlite": "aiosqlite", "postgresql": "asyncpg"}


def is_web(value: str) -> bool:
    """Tell whether `value` is an http or https address."""
    try:
        parts = urlsplit(value)
        is_whole = bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, a bracket that is not closed
        return False
    return is_whole and parts.scheme in {"http", "https"}


def is_loopback(host: str) -> bool:
    """Tell whether `host` is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def database_fault(value: str) -> str | None:
    """Say what is wrong with a database's address, if anything is."""
    scheme, _, rest = value.partition(":")
    kind = scheme.split("+")[0]
    if kind not in _DRIVERS or not rest.startswith("//"):
        return "is neither sqlite:///… nor postgresql://…"
    if kind == "sqlite":
        is_file = re.fullmatch(r"///[^?]*[^?/]", rest) and rest != "///:memory:"
        return None if is_file else "does not name a file"
    if not find_spec("asyncpg"):
        return "needs the package asyncpg, which is not installed"
    try:
        make_url(value)
    except (ArgumentError, ValueError):
        return "is not the address of a database"
    return None


def engine_url(value: str) -> str:
    """Name the asynchronous driver in a database's address."""
    scheme, rest = value.split(":", 1)
    kind = scheme.split("+")[0]
    # What libpq and the driver call sslmode, SQLAlchemy calls ssl.
    rest = re.sub(r"(?<=[?&])ssl=", "sslmode=", rest)
    return f"{kind}+{_DRIVERS[kind]}:{rest}"
