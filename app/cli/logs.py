"""Where log lines of the command line go: to standard error, since standard output carries results only."""

from __future__ import annotations

import sys
from collections.abc import MutableMapping
from typing import Any

from app.cli.manners import LogFormat, LogLevel, manners

_LEVELS = {LogLevel.DEBUG: "debug", LogLevel.INFO: "warning", LogLevel.WARN: "warning", LogLevel.ERROR: "error", LogLevel.NONE: "critical"}
"""From which level on what a library logs is of interest: without a wish for more, what is a warning at least."""


def configure() -> None:
    """Send log lines to standard error, as the command's manners have it. Called by the commands that reach for a server; the gateway has its own."""
    import structlog

    from app.wiring.redacted_logs import PROCESSORS, redact_records

    redact_records()
    least = LogLevel.ERROR if manners().quiet and manners().log_level is not LogLevel.NONE else manners().log_level
    last: Any = structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"])
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *PROCESSORS,
            _event if manners().log_format is LogFormat.JSON else last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[least]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def _event(_logger: object, _method: str, said: MutableMapping[str, Any]) -> str:
    """A log line in the shape of every other."""
    from app.cli.show import as_event

    words = {"warning": LogLevel.WARN, "critical": LogLevel.ERROR, "exception": LogLevel.ERROR}
    level = str(said.pop("level", "info"))
    said.pop("timestamp", None)
    event = str(said.pop("event", ""))
    return as_event(words[level] if level in words else LogLevel(level), event, data={key: str(value) for key, value in said.items()})
