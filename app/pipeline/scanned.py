"""Rows without what patterns take for personal data: a net under free text that nobody has tagged."""

from __future__ import annotations

from msgspec.structs import replace

from app.model.result import Result, Value
from app.redaction.redact import redact


def scanned(result: Result) -> Result:
    """The rows with a mark in place of personal data in each text. Numbers and times are left: no pattern may change what is computed."""
    data = tuple(tuple(map(_cell, column)) for column in result.data)
    return replace(result, data=data)


def _cell(value: Value) -> Value:
    return redact(value) if isinstance(value, str) else value
