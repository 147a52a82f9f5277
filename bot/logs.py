"""Logs: one line an event, with nothing in it that opens anything."""

from __future__ import annotations

import logging
import re
import sys
from typing import TYPE_CHECKING, Any

import stamina.instrumentation
import structlog

if TYPE_CHECKING:
    from bot.settings import Settings

_SECRET = re.compile(
    r"xox[a-z]-[\w-]+|xapp-[\w-]+|https?://hooks\.slack[^\s\"'<>]+"
    r"|(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])|/login/[\w-]+|/response/[^\s\"'<>]+",
    re.IGNORECASE,
)


def configure(settings: Settings, *, is_quiet: bool = False) -> None:
    """Set up structlog and the standard library's logging alike.

    `is_quiet`: only warnings, unless the settings say otherwise.
    """
    level = getattr(logging, settings.log_level.upper())
    if is_quiet and "log_level" not in settings.model_fields_set:
        level = logging.WARNING
    console = settings.log_format == "console" or (
        settings.log_format is None and sys.stderr.isatty()
    )
    last: Any = (
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            exception_formatter=structlog.dev.plain_traceback,
        )
        if console
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    chain: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _redact,
        last,
    ]
    stamina.instrumentation.set_on_retry_hooks(())  # what came of it is logged or said
    structlog.configure(
        processors=chain,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    _configure_others(chain)


def _configure_others(chain: list[Any]) -> None:
    """Let what libraries log look the same, and hide the same."""
    strip = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(processors=[strip, *chain])
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler])


def _redact(_: Any, __: str, event: Any) -> Any:
    """Blank out what looks like a token, a link or a uuid, wherever it came from."""
    return {name: _clean(value) for name, value in event.items()}


def _clean(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return _SECRET.sub("…", str(value))
