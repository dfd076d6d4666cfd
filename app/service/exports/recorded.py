"""That rows of an answer leave as a file: recorded before the first of them is written."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from functools import partial
from typing import Any

from app.errors import DataMindError
from app.model.audit.catalogue import EventType
from app.pipeline.turn import Turn
from app.service.audit import Caller, Write, noted, record
from app.service.deps import Deps
from app.service.turns import COMPONENT

GONE = "DM5003"
"""The problem of a file that nobody took to its end."""


def exported(deps: Deps, caller: Caller, turn: Turn, format_name: str) -> AbstractContextManager[object]:
    """The block in which the file is made. Raises InternalError DM8010 where that can't be recorded: then nothing is written."""
    return noted(deps.audit, deps.clock, caller, EventType.QUERY_EXPORT, COMPONENT, **_about(caller, turn, format_name))


class Leaving:
    """A file on its way: that it begins is recorded before a byte is made, and how it ended once its last byte was handed over. Thread-safe."""

    def __init__(self, deps: Deps, caller: Caller, turn: Turn, format_name: str) -> None:
        """Raises InternalError DM8010 where it can't be recorded: then nothing leaves."""
        who = caller.principal
        self._write: Write = partial(
            record, deps.audit, deps.clock, event_type=EventType.QUERY_EXPORT, user_id=who.user_id, email=who.email,
            project_id=who.project_id, component=COMPONENT, correlation_id=caller.correlation_id, ip_address=caller.ip_address,
        )  # fmt: skip
        self._about = _about(caller, turn, format_name)
        self._lock = threading.Lock()
        self._ended = False
        self._write(status="begin", **self._about)

    def ended(self, problem: str = "") -> None:
        """Record the end, the first that is told: succeeded, or failed with the code of a Problem. Where that can't be done the record before says who had it."""
        with self._lock:
            if self._ended:
                return
            self._ended = True
        with suppress(DataMindError):
            if problem:
                self._write(status="failed", **self._about, problem=problem)
            else:
                self._write(status="succeeded", **self._about)


def _about(caller: Caller, turn: Turn, format_name: str) -> Mapping[str, Any]:
    result = turn.answer.result if turn.answer is not None else turn.result
    return {
        "query_id": turn.query_id,
        "door": caller.door,
        "format": format_name,
        "rows": result.row_count if result is not None else 0,
        "columns": [column.name for column in result.columns] if result is not None else [],
    }
