"""Edits of YAML texts: what a fix changes, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.compile.yaml_load import is_yaml


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """In `file`, from a 1-based line and column on, `old` (within one line, or a whole line with its end) becomes `new`."""

    file: str
    line: int
    column: int
    old: str
    new: str


def edited(text: str, edits: Iterable[Edit]) -> str | None:
    """The text with all of the edits; None where one of them does not find its `old`, two overlap, or what comes out is no YAML any more."""
    lines = text.splitlines(keepends=True)
    spot: tuple[int, int] | None = None
    for edit in sorted(set(edits), reverse=True):
        number, start = edit.line - 1, edit.column - 1
        end = start + len(edit.old)
        if number >= len(lines) or lines[number][start:end] != edit.old or (spot is not None and (number, end) > spot):
            return None
        lines[number] = lines[number][:start] + edit.new + lines[number][end:]
        spot = (number, start)
    found = "".join(lines)
    return found if is_yaml(found) else None


def line_end(lines: Sequence[str]) -> str:
    """How lines end in a text that was split with its ends."""
    return "\r\n" if any(line.endswith("\r\n") for line in lines) else "\n"
