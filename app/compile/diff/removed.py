"""Where a person is shown that something went: at the line nearest to where it stood, if its file is still there."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher

from msgspec.structs import replace

from app.compile.diff.report import Action, Change, DiffReport
from app.compile.locations import LocationIndex
from app.errors import Where

_LARGE = 20_000
"""Of files with more lines the line is not followed: comparing them would take longer than all else."""


def placed_as_removed(report: DiffReport, old: Mapping[str, str], new: Mapping[str, str]) -> DiffReport:
    """The report with lines for what was removed, by the YAML texts of both sides; a place that has a line keeps it."""
    return replace(report, changes=tuple(_placed(change, old, new) for change in report.changes))


def _placed(change: Change, old: Mapping[str, str], new: Mapping[str, str]) -> Change:
    where = change.where
    if change.action is not Action.REMOVED or where is None or where.line or where.file not in old or where.file not in new:
        return change
    stood = dict(LocationIndex({where.file: old[where.file]}).all()).get(change.asked_by)
    if stood is None:
        return change
    return replace(change, where=Where(where.file, nearest_line(old[where.file], new[where.file], stood.line)))


def nearest_line(old: str, new: str, line: int) -> int:
    """The line of the new text at which a line (from 1) of the old one stands, or stood; one that is there, 0 in an empty text."""
    before, after = old.splitlines(), new.splitlines()
    if max(len(before), len(after)) > _LARGE:
        return min(line, len(after))
    for _, start, end, at, until in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if start <= line - 1 < end:
            return min(min(at + line - 1 - start, max(at, until - 1)) + 1, len(after))
    return min(line, len(after))
