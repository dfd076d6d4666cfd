"""The checks `policies` and `access`: whether people see what is expected, and who sees more or less by the change."""

from __future__ import annotations

from app.compile.diff.report import Direction
from app.compile.lint.run import Found
from app.compile.markdown.escape import prose
from app.compile.markdown.sections import Section
from app.errors import Problem, Severity
from app.service.check.outcome import Outcome
from app.service.check.subject import Subject
from app.service.compile import compile_artifacts
from app.service.policy_diff import HEAD, Compared, as_markdown, as_text, compare, unseen
from app.service.policy_tests import read_suite, run_suite
from app.service.serving import serving_of


def policy_tests(subject: Subject) -> Outcome | None:
    """Make the policy tests of the change, on the project's own policies; None where there are none. Raises UserError DM7050."""
    files = subject.wanted.policy_tests
    if not files:
        return None
    suites = [(file, read_suite(text, file)) for file, text in files]
    serving = serving_of(subject.layer or compile_artifacts(*subject.head).layer)
    done = [one for file, cases in suites for one in run_suite(serving, cases, file)]
    failed = [one for one in done if one.wrong]
    said = f"{len(failed)} of {len(done)} failed" if failed else f"all {len(done)} hold"
    rows = [[f"| {prose(one.name, in_cell=True)} | {prose('; '.join(one.wrong), in_cell=True)} |"] for one in failed]
    sections = (
        [Section(["#### Policy tests that failed", "", "| test | what is not as expected |", "| --- | --- |"], rows, [""])] if rows else []
    )
    return Outcome("policies", said, [Found(None, one.problem()) for one in failed], sections, body={"tests": [one.body() for one in done]})


def policy_diff(subject: Subject) -> Outcome | None:
    """Say who sees more or less; None where nobody does, or there is no base. Raises as `Subject.comparison`."""
    comparison = subject.comparison if subject.wanted.compared else None
    if comparison is None:
        return None
    compared = compare(*(layer.ontology for layer in comparison.layers))
    found = compared.differences
    if compared == Compared():
        return None
    severity = Severity.ERROR if subject.wanted.fail_on_gain and not subject.wanted.never else Severity.WARNING
    gains = [one for one in found if one.gains and not one.is_new]
    problems = [Problem("DM7052", line, severity) for line in as_text(gains)] + unseen(compared, severity)
    lost = sum(one.direction is Direction.TIGHTENED for one in found)
    won = sum(one.gains for one in found)
    said = f"{won} {'gain' if won == 1 else 'gains'}, {lost} {'loss' if lost == 1 else 'losses'}"
    rows = [[row] for row in as_markdown(found)]
    sections = [Section(["#### Who sees more or less", "", *HEAD], rows, [""])] if rows else []
    return Outcome(
        "access", said, [Found(None, problem) for problem in problems], sections, body={"differences": [one.body() for one in found]}
    )
