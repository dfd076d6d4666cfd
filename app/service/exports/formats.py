"""The formats in which an answer leaves, and what is handed out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from app.model.answer import Answer


class ExportFormat(StrEnum):
    """A file's format, and its ending."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"
    PNG = "png"
    PDF = "pdf"

    @property
    def media_type(self) -> str:
        """As `Content-Type` has it."""
        return _MEDIA[self]


_MEDIA = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.JSON: "application/json",
    ExportFormat.PNG: "image/png",
    ExportFormat.PDF: "application/pdf",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an exported answer is an answer to, beyond what the answer holds itself: its time, the zone in which its periods are meant, and under which id the
    caller finds all of it in the logs."""

    answer: Answer
    at: dt.datetime
    timezone: str
    correlation_id: str = ""


@dataclass(frozen=True, slots=True)
class Exported:
    """A file: its name, its format, and its bytes in pieces, which can be gone through once. Who hands them over says by `ended` that the last one was, or the code of
    the problem that came between."""

    name: str
    format: ExportFormat
    pieces: Iterable[bytes] = field(repr=False)
    rows: int = 0
    truncated: bool = False
    ended: Callable[[str], None] = field(default=lambda _problem: None, repr=False)
