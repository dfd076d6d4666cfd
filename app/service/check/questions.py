"""The check `questions`: golden questions of the project that are read otherwise by the change, or with `numbers` answered otherwise."""

from __future__ import annotations

from collections.abc import Sequence

from app.compile.lint.run import Found
from app.compile.markdown.escape import prose
from app.compile.markdown.sections import Section
from app.errors import DataMindError, Problem, Severity, Where
from app.service.check.changes import LOOSER
from app.service.check.outcome import Outcome
from app.service.check.readings import Twice, asked, readings
from app.service.check.subject import Ask, Numbers, Questions, Subject
from app.service.check.tables import meant_otherwise
from app.service.diff import Comparison
from app.service.evaluation.lines import read_questions
from app.service.evaluation.question import Question
from app.service.serving import serving_of

_LOOSENED = "protection is changed: nothing is asked of the warehouse before that is agreed to"
_DECLARED = "Values that only the warehouse knows are no words here: with `--numbers` they are."


def questions(subject: Subject) -> Outcome | None:
    """Read each question by both layers, and with `numbers` ask as many of them as are wanted. Raises UserError DM6050 for a file that is none, else as
    `Subject.comparison`."""
    wanted, numbers = subject.wanted.questions, subject.wanted.numbers
    if wanted is None:
        return None
    golden = read_questions(wanted.content, wanted.file)
    comparison = subject.comparison if subject.wanted.compared else None
    if comparison is None:
        return Outcome("questions", "there is nothing to compare with", skipped=True)
    found, note = _found(golden, wanted, numbers, comparison)
    otherwise = [one for one in found if one.read_otherwise]
    changed = [one for one in found if one.read_otherwise or one.answered_otherwise]
    executed = sum(one.before.table is not None or one.after.table is not None for one in found)
    said = f"{len(otherwise)} of {len(golden)} questions read otherwise"
    if executed:
        said += f", {sum(one.answered_otherwise for one in found)} of {executed} answered otherwise"
    return Outcome(
        "questions",
        f"{said}, as {numbers.asker}" if executed and numbers else said,
        [Found(None, _problem(one, wanted.file)) for one in changed],
        sections(changed, note),
        body={"questions": len(golden), "executed": executed, "note": note, "changed": [_body(one) for one in changed]},
        lines=[note] if note and changed else (),
    )


def _found(golden: Sequence[Question], wanted: Questions, numbers: Numbers | None, comparison: Comparison) -> tuple[list[Twice], str]:
    """All questions by both layers, and what is to be known of how they were looked at."""
    if comparison.layers[0].version == comparison.layers[1].version:
        return [], ""
    note = _DECLARED
    if numbers is not None:
        if any(change.security in LOOSER for change in comparison.report.security):
            note = _LOOSENED
        else:
            try:
                with numbers.opened() as ask:
                    return _executed(golden, wanted, numbers.most, comparison, ask), ""
            except DataMindError as error:  # no server answers at all
                note = f"{error.problem.code} {error.problem.message}"
    views = [serving_of(layer).view(wanted.asker) for layer in comparison.layers]
    return list(readings(golden, wanted, views)), note


def _executed(golden: Sequence[Question], wanted: Questions, most: int, comparison: Comparison, ask: Ask) -> list[Twice]:
    """The questions, as many of them as are wanted with their rows: first those that are read otherwise, then those whose metrics mean something else."""
    found = list(readings(golden, wanted, [ask.view(layer) for layer in comparison.layers]))
    meant = frozenset(meant_otherwise(comparison))

    def last(at: int) -> tuple[bool, bool]:
        one = found[at]
        metrics = {name for side in (one.before, one.after) if side.reading.query for name in side.reading.query.asked_metrics}
        return not one.read_otherwise, not metrics & meant

    for at in sorted((at for at, one in enumerate(found) if one.is_answered), key=last)[:most]:
        found[at] = asked(found[at], comparison.layers, ask)
    return found


def _problem(one: Twice, file: str) -> Problem:
    before, after = _sides(one)
    how = "read" if one.read_otherwise else "answered"
    message = f"“{one.question.question}” is {how} otherwise: before {before}; after {after}"
    return Problem("DM6052", message, Severity.WARNING, Where(file, one.question.line))


def _sides(one: Twice) -> tuple[str, str]:
    """Both readings in words; where these are equal, the queries tell them apart."""
    before, after = one.before.told, one.after.told
    if before == after:
        before, after = (
            f"{side.told} ({side.reading.query.canonical().decode()})" if side.reading.query else side.told
            for side in (one.before, one.after)
        )
    return before, after


def sections(changed: Sequence[Twice], note: str = "") -> list[Section]:
    """The table of a comment; `note` is what is to be known of it."""
    if not changed:
        return []
    rows = []
    for one in changed:
        before, after = _sides(one)
        rows.append([f"| {prose(one.question.question, in_cell=True)} | {prose(before, in_cell=True)} | {prose(after, in_cell=True)} |"])
    head = [
        "#### Questions read or answered otherwise",
        "",
        *([f"_{prose(note)}_", ""] if note else []),
        "| question | before | after |",
        "| --- | --- | --- |",
    ]
    return [Section(head, rows, [""])]


def _body(one: Twice) -> dict[str, object]:
    return {
        "id": one.question.id,
        "line": one.question.line,
        "question": one.question.question,
        "read_otherwise": one.read_otherwise,
        "answered_otherwise": one.answered_otherwise,
        "before": one.before.body(),
        "after": one.after.body(),
    }
