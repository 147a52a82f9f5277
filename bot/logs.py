"""Logs: one line an event, with nothing in it that opens anything."""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING, Any

import structlog

if TYPE_CHECKING:
    from bot.settings import Settings

_SECRET = re.compile(
    r"xox[a-z]-[\w-]+|xapp-[\w-]+|https?://hooks\.slack[\w.-]*/\S+"
    r"|\b[0-9a-f]{32}\b|/login/[\w-]+|/response/\S+"
)


def configure(settings: Settings) -> None:
    """Set up structlog and the standard library's logging alike."""
    level = getattr(logging, settings.log_level.upper())
    console = settings.log_format == "console" or (
        settings.log_format is None and sys.stderr.isatty()
    )
    last: Any = (
        structlog.dev.ConsoleRenderer()
        if console
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redact,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _redact(_: Any, __: str, event: Any) -> Any:
    """Blank out what looks like a token, a link or a uuid, wherever it came from."""
    return {
        name: _SECRET.sub("…", value) if isinstance(value, str) else value
        for name, value in event.items()
    }
