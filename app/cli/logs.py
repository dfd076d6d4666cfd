"""Where log lines of the command line go: to standard error, since standard output carries results only."""

from __future__ import annotations

import sys


def configure() -> None:
    """Send warnings and worse to standard error, a line each. Called by the commands that reach for a server; the gateway has its own."""
    import structlog

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger("warning"),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
