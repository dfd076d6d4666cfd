"""A report as Markdown, for a comment on a pull request: a table first, then what somebody must look at, and the rest folded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.compile.diff.compatibility import Verdict
from app.compile.diff.report import Change, DiffReport, Kind, Touched
from app.compile.diff.versions import Suggestion
from app.compile.diff.words import place_text

MARKS = {Kind.BREAKING: "🔴", Kind.MEANING: "🟠", Kind.ADDITIVE: "🟢", Kind.COSMETIC: "⚪"}
MEANT = {
    Kind.BREAKING: "a name or an ability goes away",
    Kind.MEANING: "same names, other numbers",
    Kind.ADDITIVE: "more to ask for",
    Kind.COSMETIC: "only what people read",
}
LONGEST = 60_000
"""Characters; GitHub takes 65,536 in a comment."""
_NAMES = 8
_OPEN = frozenset({Kind.BREAKING, Kind.MEANING})


def markdown(report: DiffReport, version: Suggestion | None = None, verdict: Verdict | None = None) -> str:
    """The report as Markdown, cut where it would be too long for a comment, and then it says so."""
    lines = [*_head(report, version, verdict)]
    size = sum(map(len, lines))
    left_out = 0
    for section in _sections(report, verdict):
        kept = []
        for item in section.items:
            size += sum(len(line) + 1 for line in item)
            if size <= LONGEST:
                kept += item
            else:
                left_out += 1
        lines += [*section.head, *kept, *section.foot]
    if left_out:
        lines += [f"_{left_out} entries are left out: the report is longer than a comment may be. `datamind diff` prints all of it._", ""]
    return "\n".join(lines).rstrip("\n") + "\n"


@dataclass(frozen=True, slots=True)
class _Section:
    """A part of the report: what stands before its entries and after them stands in any case."""

    head: list[str]
    items: list[list[str]]
    foot: list[str]


def _head(report: DiffReport, version: Suggestion | None, verdict: Verdict | None) -> Iterator[str]:
    yield f"### Semantic layer: {_headline(report)}"
    yield ""
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
        states = ", ".join(_code(state) for state in verdict.states)
        said = "holds" if verdict.holds else f"is broken by {broken} change{'' if broken == 1 else 's'}"
        yield f"Compatibility `{verdict.rule}`{f' with {states}' if states else ''}: **{said}**"
        yield ""
    for note in report.notes:
        yield f"> {_text(note)}"
        yield ""


def _headline(report: DiffReport) -> str:
    counts = [f"{count} {kind}" for kind, count in report.counts().items() if count]
    return ", ".join(counts) if counts else "nothing changes"


def _subjects(changes: Iterable[Change]) -> Iterator[str]:
    for change in changes:
        kind, _, name = change.subject.partition(".")
        if kind == "metric":
            yield name


def _sections(report: DiffReport, verdict: Verdict | None) -> Iterator[_Section]:
    if report.security:
        head = ["#### Protection", "", "| what | becomes | before | after |", "| --- | --- | --- | --- |"]
        yield _Section(head, [[_row(change)] for change in report.security], [""])
    for kind in Kind:
        found = report.of(kind)
        if found:
            summary = f"<details{' open' if kind in _OPEN else ''}><summary>{MARKS[kind]} <b>{kind}</b> ({len(found)})</summary>"
            yield _Section([summary, ""], [[*_change(change)] for change in found], ["", "</details>", ""])
    forward = [violation for violation in verdict.violations if violation.direction == "forward"] if verdict else []
    if forward:
        entries = [[f"- {_code(violation.change.asked_by)}, against {_code(violation.state)}"] for violation in forward]
        yield _Section(["#### What the older states do not answer", ""], entries, [""])


def _change(change: Change) -> Iterator[str]:
    place = f" · {_code(place_text(change.where))}" if change.where else ""
    possible = " _(possibly)_" if change.possible else ""
    yield f"- {_text(change.message)}{possible}{place}"
    if change.before or change.after:
        yield f"  - {_code(change.before) if change.before else 'nothing'} → {_code(change.after) if change.after else 'nothing'}"
    if not change.touches.nothing:
        yield f"  - touches {_touched(change.touches)}"
    if change.hint:
        yield f"  - {_text(change.hint)}"


def _row(change: Change) -> str:
    """A change of protection as a table's row."""
    before, after = (_cell(value) if value else "" for value in (change.before, change.after))
    return f"| {_text(change.message)} | {change.security} | {before} | {after} |"


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
            listed = ", ".join(_code(name) for name in names[:_NAMES])
            parts.append(f"{plural} {listed}{f' and {len(names) - _NAMES} more' if len(names) > _NAMES else ''}")
    return "; ".join(parts)


def _code(text: str) -> str:
    """A text of the project as code, in which nothing is Markdown: the fence is longer than any run of backticks in it."""
    ticks = 1
    while "`" * ticks in text:
        ticks += 1
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{'`' * ticks}{pad}{text}{pad}{'`' * ticks}"


def _cell(text: str) -> str:
    """Code in a table's cell, where a bar would end it."""
    return _code(text).replace("|", "\\|")


def _text(text: str) -> str:
    """Words with names in backticks; what else of it could be HTML, a mention, a link or a table's bar is only text."""
    parts = text.split("`")
    for number in range(0, len(parts), 2):
        for sign, plain in (("&", "&amp;"), ("<", "&lt;"), ("|", "\\|"), ("@", "@&#8203;"), ("[", "\\[")):
            parts[number] = parts[number].replace(sign, plain)
    for number in range(1, len(parts), 2):
        parts[number] = parts[number].replace("|", "\\|")
    return "`".join(parts)
