"""Applies rules to a project: what they find as Problems, less what the project says to leave out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from app.compile.lint.edit import Edit
from app.compile.lint.finding import Finding
from app.compile.lint.linted import Linted
from app.compile.lint.rule import Rule
from app.compile.report import Report
from app.errors import Problem

EVERYTHING = "all"
"""The word that stands for all rules."""
ALONE = 3
"""So many findings of one kind in one file are said each at its place; more are said together at the first."""
_NAMED = 20
"""So many of them are named."""


@dataclass(frozen=True, slots=True)
class Found:
    """A Problem, the rule that found it (None: the compile itself), and the edits that mend it."""

    rule: Rule | None
    problem: Problem
    edits: tuple[Edit, ...] = ()


def lint(rules: Iterable[Rule], project: Linted) -> list[Found]:
    """What the rules find, each Problem at its place; `fix` of a Problem says what its edits write."""
    found: list[Found] = []
    for rule in rules:
        for finding in _grouped(rule, _heard(rule, project)):
            edits = tuple(rule.fix(project, finding)) if rule.fixable else ()
            report = Report(project.locations)
            report.add(_problem(rule, finding, edits), finding.place)
            found.append(Found(rule, report.problems[0], edits))
    return found


def report_findings(rules: Iterable[Rule], project: Linted, report: Report) -> None:
    """What the rules find, as Problems of a compile."""
    for rule in rules:
        for finding in _grouped(rule, _heard(rule, project)):
            report.add(_problem(rule, finding), finding.place)


def _heard(rule: Rule, project: Linted) -> Iterator[Finding]:
    """The rule's findings, each once, less those about things that say they know better."""
    for finding in dict.fromkeys(rule.check(project)):
        if not any({rule.code, rule.name, EVERYTHING} & project.ignored(key) for key in finding.keys):
            yield finding


def _grouped(rule: Rule, findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, those of a file together where the rule speaks of several at once."""
    if not rule.together:
        yield from findings
        return
    by_file: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        by_file[finding.place.file].append(finding)
    for of_file in by_file.values():
        if len(of_file) <= ALONE:
            yield from of_file
        else:
            said = rule.together.format(count=len(of_file), names=_names([finding.name for finding in of_file]))
            yield replace(of_file[0], message=said)


def _names(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names[:_NAMED]) + (" …" if len(names) > _NAMED else "")


def _problem(rule: Rule, finding: Finding, edits: Sequence[Edit] = ()) -> Problem:
    fix = "".join(edit.new for edit in edits) if edits else None
    return Problem(rule.code, finding.message, rule.severity, hint=finding.hint, fix=fix)
