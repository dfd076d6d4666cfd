"""No log line of ours, of a server or of a library holds personal data: what patterns know is masked before anything is written."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

from app.redaction.redact import redact, redact_deep

_OURS = ("timestamp", "level")
"""What a line has that nobody else can have written."""
_FORMATTER = logging.Formatter()


def redacted(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog's processor: every text of the event, at any depth. It stands behind what makes a text of an exception."""
    return {key: value if key in _OURS else redact_deep(value) for key, value in event.items()}


PROCESSORS: tuple[Processor, ...] = (structlog.processors.format_exc_info, redacted)
"""What stands before the renderer of each chain."""


def redact_records() -> None:
    """Have `logging` itself make every record without personal data, whoever logs and wherever it goes; once for the process."""
    make = logging.getLogRecordFactory()
    if getattr(make, "redacts", False):
        return

    def factory(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        if not isinstance(record.msg, MutableMapping):  # structlog's own, which its processors see to
            _mend(record)
        return record

    factory.redacts = True  # type: ignore[attr-defined] # the mark by which it is known again
    logging.setLogRecordFactory(factory)


def _mend(record: logging.LogRecord) -> None:
    try:
        said = record.getMessage()
    except Exception:  # its words and arguments do not fit, which whoever formats it will tell
        said = f"{record.msg} {record.args}"
    shown = redact(said)
    if shown != said:
        record.msg, record.args = shown, None
    if record.exc_info and record.exc_info[0] is not None:
        record.exc_text = redact(_FORMATTER.formatException(record.exc_info))
    if record.stack_info:
        record.stack_info = redact(record.stack_info)


def configure_plain() -> None:
    """For a process that has no form of its own for log lines (the worker): to standard error, as structlog writes them for people."""
    redact_records()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *PROCESSORS,
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
