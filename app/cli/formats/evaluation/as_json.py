"""An evaluation for programs, version 1 of the shape; docs/eval.md says what each key holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from app.cli.formats.evaluation.report import Report
from app.service.evaluation.judged import Judged
from app.service.evaluation.score import RATES, Score, by_category
from app.service.present import to_json

VERSION = 1


def answer_line(one: Judged) -> str:
    """An answer as `--answers` has it."""
    return to_json(_answer(one)).decode()


def report_body(report: Report, listed: Sequence[Judged]) -> dict[str, Any]:
    """The whole evaluation; of the questions those that are to be listed."""
    calibration = report.reliability
    return {
        "version": VERSION,
        "verdict": "failed" if report.missed else "passed",
        "missed": [asdict(one) for one in report.missed],
        "score": _score(report.score),
        "categories": {name: _score(one) for name, one in by_category(report.judged).items()},
        "calibration_error": calibration.error,
        "reliability": [asdict(one) | {"accuracy": one.accuracy if one.count else None} for one in calibration.bins],
        "questions": [_question(one) for one in listed],
    }


def _score(score: Score) -> dict[str, Any]:
    """Each rate with what it is of: a rate of nothing is null."""
    rates = {name: getattr(score, name) for name in RATES}
    return {"questions": score.questions} | {name: {"value": rate.value, "hits": rate.hits, "of": rate.of} for name, rate in rates.items()}


def _question(one: Judged) -> dict[str, Any]:
    question, answered = one.question, one.answered
    return {
        "line": question.line,
        "question": question.question,
        "context": list(question.asked_before),
        "kind": str(question.kind),
        "category": question.category,
        "right": one.right,
        "why": one.why,
        "restated": answered.restated,
        "said": answered.said,
        "milliseconds": answered.milliseconds,
        **_answer(one),
    }


def _answer(one: Judged) -> dict[str, Any]:
    answered = one.answered
    return {
        "id": one.question.id,
        "outcome": str(answered.outcome),
        "columns": answered.table.columns,
        "rows": answered.table.rows,
        "query": answered.query,
        "confidence": answered.confidence,
    }
