"""A report as Markdown, for a comment on a pull request: a table first, then what somebody must look at, and the rest folded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.compile.diff.compatibility import Verdict
from app.compile.diff.report import Change, DiffReport, Kind, Touched
from app.compile.diff.versions import Suggestion
from app.compile.diff.words import place_text
from app.compile.markdown.escape import cell, code, prose
from app.compile.markdown.sections import Section, fitted

MARKS = {Kind.BREAKING: "🔴", Kind.MEANING: "🟠", Kind.ADDITIVE: "🟢", Kind.COSMETIC: "⚪"}
MEANT = {
    Kind.BREAKING: "a name or an ability goes away",
    Kind.MEANING: "same names, other numbers",
    Kind.ADDITIVE: "more to ask for",
    Kind.COSMETIC: "only what people read",
}
_NAMES = 8
_OPEN = frozenset({Kind.BREAKING, Kind.MEANING})


def markdown(report: DiffReport, version: Suggestion | None = None, verdict: Verdict | None = None) -> str:
    """The report as Markdown, cut where it would be too long for a comment, and then it says so."""
    head = Section([f"### Semantic layer: {headline(report)}", "", *_summary(report, version, verdict)])
    return fitted([head, *protection(report), *details(report, verdict)], rest="`datamind diff` prints all of it.")


def _summary(report: DiffReport, version: Suggestion | None, verdict: Verdict | None) -> Iterator[str]:
    if report.changes:
        yield "| class | changes | what it means | metrics touched |"
        yield "| --- | ---: | --- | ---: |"
        for kind in Kind:
            found = report.of(kind)
            if found:
                metrics = {name for change in found for name in change.touches.metrics} | {*_subjects(found)}
                yield f"| {MARKS[kind]} {kind} | {len(found)} | {MEANT[kind]} | {len(metrics)} |"
        yield ""
    if version is not None:
        yield f"Version: `{version.current}` → **`{version.next}`** ({version.bump}: {version.reason})"
        yield ""
    if verdict is not None:
        broken = len(verdict.violations)
        states = ", ".join(code(state) for state in verdict.states)
        said = "holds" if verdict.holds else f"is broken by {broken} change{'' if broken == 1 else 's'}"
        yield f"Compatibility `{verdict.rule}`{f' with {states}' if states else ''}: **{said}**"
        yield ""
    for note in report.notes:
        yield f"> {prose(note)}"
        yield ""


def headline(report: DiffReport) -> str:
    """How many changes there are of each class, in words."""
    counts = [f"{count} {kind}" for kind, count in report.counts().items() if count]
    return ", ".join(counts) if counts else "nothing changes"


def _subjects(changes: Iterable[Change]) -> Iterator[str]:
    for change in changes:
        kind, _, name = change.subject.partition(".")
        if kind == "metric":
            yield name


def protection(report: DiffReport) -> Iterator[Section]:
    """The changes of what people may see, if there are any."""
    if report.security:
        head = ["#### Protection", "", "| what | becomes | before | after |", "| --- | --- | --- | --- |"]
        yield Section(head, [[_row(change)] for change in report.security], [""])


def details(report: DiffReport, verdict: Verdict | None, *, opened: bool = True) -> Iterator[Section]:
    """Every change with its place, its values and what it touches; where `opened`, those that somebody must look at unfolded."""
    for kind in Kind:
        found = report.of(kind)
        if found:
            summary = f"<details{' open' if opened and kind in _OPEN else ''}><summary>{MARKS[kind]} <b>{kind}</b> ({len(found)})</summary>"
            yield Section([summary, ""], [[*_change(change)] for change in found], ["", "</details>", ""])
    forward = [violation for violation in verdict.violations if violation.direction == "forward"] if verdict else []
    if forward:
        entries = [[f"- {code(violation.change.asked_by)}, against {code(violation.state)}"] for violation in forward]
        yield Section(["#### What the older states do not answer", ""], entries, [""])


def _change(change: Change) -> Iterator[str]:
    place = f" · {code(place_text(change.where))}" if change.where else ""
    possible = " _(possibly)_" if change.possible else ""
    yield f"- {prose(change.message)}{possible}{place}"
    if change.before or change.after:
        yield f"  - {code(change.before) if change.before else 'nothing'} → {code(change.after) if change.after else 'nothing'}"
    if not change.touches.nothing:
        yield f"  - touches {_touched(change.touches)}"
    if change.hint:
        yield f"  - {prose(change.hint)}"


def _row(change: Change) -> str:
    """A change of protection as a table's row."""
    before, after = (cell(value) if value else "" for value in (change.before, change.after))
    return f"| {prose(change.message, in_cell=True)} | {change.security} | {before} | {after} |"


def _touched(touches: Touched) -> str:
    sections = (
        ("metric", touches.metrics),
        ("saved quer", touches.saved_queries),
        ("exposure", touches.exposures),
        ("polic", touches.policies),
    )
    parts = []
    for stem, names in sections:
        if names:
            plural = stem if not stem.endswith(("quer", "polic")) else stem + ("y" if len(names) == 1 else "ies")
            plural += "s" if plural == stem and len(names) > 1 else ""
            listed = ", ".join(code(name) for name in names[:_NAMES])
            parts.append(f"{plural} {listed}{f' and {len(names) - _NAMES} more' if len(names) > _NAMES else ''}")
    return "; ".join(parts)
