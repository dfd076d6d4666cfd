"""The check `diff`: what the change does to the layer."""

from __future__ import annotations

from dataclasses import replace

from app.compile.diff.markdown import details, headline, protection
from app.compile.diff.places import called_from
from app.compile.lint.run import Found
from app.compile.markdown.escape import code, prose
from app.compile.markdown.sections import Section
from app.service.check.changes import problems
from app.service.check.outcome import Outcome
from app.service.check.subject import Subject
from app.service.check.tables import tables


def diff(subject: Subject) -> Outcome:
    """Compare base and head. Raises UserError DM2371 or DM2372 where the base can't be had, else as `app.service.diff.compare`."""
    wanted = subject.wanted
    if not wanted.compared:
        return Outcome("diff", "nothing to compare with: give --base REF or --state DIR", skipped=True)
    comparison = subject.comparison
    if comparison is None:
        return Outcome("diff", "the base has no dbt project there: all of this one is new", skipped=True)
    found = [Found(None, problem) for problem in problems(comparison, wanted.fail_on, never=wanted.never)]
    comparison = replace(comparison, report=called_from(comparison.report, wanted.folder))
    report, rule = comparison.report, comparison.verdict
    said = f"{headline(report)} since {comparison.state}"
    if rule is not None:
        said += f"; compatibility {rule.rule} {'holds' if rule.holds else 'is broken'}"
    version = comparison.version
    lines = [f"Version: {code(version.current)} → **{code(version.next)}** ({version.bump}: {version.reason})"] if version else []
    lines += [f"> {prose(note)}" for note in report.notes]
    head = Section([part for line in lines for part in (line, "")])
    sections = [head, *tables(comparison), *protection(report)]
    return Outcome("diff", said, found, sections, list(details(report, rule, opened=False)), comparison.body())
