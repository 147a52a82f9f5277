"""`clouds:` – the ZStack clouds by name, and the channels that mean them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path  # pydantic reads it
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

from desk.policy.conditions import Part


def _is_address(value: str) -> str:
    url = urlsplit(value)
    if url.scheme not in {"http", "https"} or not url.hostname:
        message = "is not an http or https address"
        raise ValueError(message)
    return value.rstrip("/")


def _is_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = "is not the name of a time zone"
        raise ValueError(message) from None
    return value


DEFAULT = "default"
"""What the cloud of ZSTACK_URL is called when the file has no name for it."""


class Cloud(Part):
    """One ZStack. The one without `url` is that of ZSTACK_URL."""

    url: Annotated[str, AfterValidator(_is_address)] | None = None
    ca_file: Path | None = None
    timezone: Annotated[str, AfterValidator(_is_zone)] | None = None
    channels: tuple[str, ...] = ()


def _is_clear(clouds: dict[str, Cloud]) -> dict[str, Cloud]:
    if sum(one.url is None for one in clouds.values()) > 1:
        message = "only one of them may leave its url out: it is that of ZSTACK_URL"
        raise ValueError(message)
    meant = Counter(it for one in clouds.values() for it in one.channels)
    twice = sorted(channel for channel, count in meant.items() if count > 1)
    if twice:
        message = f"{', '.join(twice)} means two of them"
        raise ValueError(message)
    return clouds


_Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,39}$")]
Clouds = Annotated[dict[_Name, Cloud], AfterValidator(_is_clear)]
