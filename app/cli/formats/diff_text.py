"""A comparison of states for people at a terminal: a line a change, what it was and is, and what it touches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.cli.terminal import clean, coloured
from app.compile.diff.compatibility import Verdict
from app.compile.diff.report import Change, DiffReport, Direction, Kind, Touched
from app.compile.diff.words import place_text
from app.service.diff import Comparison

_COLOURS = {Kind.BREAKING: "31", Kind.MEANING: "33", Kind.ADDITIVE: "32", Kind.COSMETIC: "2"}
_DIRECTIONS = {Direction.TIGHTENED: "33", Direction.LOOSENED: "31", Direction.UNCLEAR: "31", Direction.SAME: "2"}
_NAMES = 8


def diff_text(comparison: Comparison, *, colours: bool = False) -> str:
    """The changes, those of protection once more, the verdict, and a last line with numbers and the next version."""
    report = comparison.report
    lines = list(report_lines(report, colours=colours))
    lines += _verdict(comparison.verdict, colours) if comparison.verdict else []
    return "\n".join([*lines, *_summary(comparison)]) + "\n"


def report_lines(report: DiffReport, *, colours: bool = False) -> Iterator[str]:
    """The changes, and those of protection once more."""
    for change in report.changes:
        yield from _change(change, colours)
    yield from _protection(report, colours)


def counted(report: DiffReport) -> str:
    """How many changes there are of which class."""
    return ", ".join(f"{count} {kind}" for kind, count in report.counts().items() if count) or "nothing changes"


def _change(change: Change, colours: bool) -> Iterator[str]:
    place = f"{clean(place_text(change.where))} " if change.where else ""
    kind = f"possibly {change.kind}" if change.possible else str(change.kind)
    yield f"{place}{coloured(kind, _COLOURS[change.kind], colours)} {clean(change.message)}"
    if change.before:
        yield coloured(f"  - {clean(change.before)}", "31", colours)
    if change.after:
        yield coloured(f"  + {clean(change.after)}", "32", colours)
    if not change.touches.nothing:
        yield f"  touches {touched(change.touches)}"
    if change.hint:
        yield f"  → {clean(change.hint)}"


def _protection(report: DiffReport, colours: bool) -> Iterator[str]:
    if not report.security:
        return
    yield ""
    yield coloured("protection", "1", colours)
    for change in report.security:
        direction = change.security or Direction.UNCLEAR
        yield f"  {coloured(direction, _DIRECTIONS[direction], colours)}: {clean(change.message)}"


def _verdict(verdict: Verdict, colours: bool) -> Iterator[str]:
    yield ""
    states = f" with {', '.join(map(clean, verdict.states))}" if verdict.states else ""
    said = coloured("holds", "32", colours) if verdict.holds else coloured("is broken", "31", colours)
    yield f"compatibility {verdict.rule}{states} {said}"
    for violation in verdict.violations:
        against = f" ({clean(violation.state)})" if len(verdict.states) > 1 else ""
        way = "not answered before" if violation.direction == "forward" else "not answered any more"
        yield f"  {way}{against}: {clean(violation.change.asked_by)}{f' {violation.change.field}' if violation.change.field else ''}"


def _summary(comparison: Comparison) -> Iterator[str]:
    report = comparison.report
    if report.changes:
        yield ""
    yield f"{clean(comparison.state)} → project: {counted(report)}"
    version = comparison.version
    if version is not None:
        yield f"version {version.current} → {version.next} ({version.bump}: {version.reason})"


def touched(touches: Touched) -> str:
    """What a change touches, in words."""
    sections: tuple[tuple[str, str, Sequence[str]], ...] = (
        ("metric", "metrics", touches.metrics),
        ("saved query", "saved queries", touches.saved_queries),
        ("exposure", "exposures", touches.exposures),
        ("policy", "policies", touches.policies),
    )
    return "; ".join(f"{one if len(names) == 1 else many} {_some(names)}" for one, many, names in sections if names)


def _some(names: Sequence[str]) -> str:
    listed = ", ".join(map(clean, names[:_NAMES]))
    return f"{listed} and {len(names) - _NAMES} more" if len(names) > _NAMES else listed
