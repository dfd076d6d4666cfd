"""An evaluation for people: the questions that are to be listed, the rates of each category, and how far confidence can be trusted."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from app.cli.formats.evaluation.report import Report
from app.cli.manners import manners
from app.cli.tables import show_table
from app.cli.terminal import clean, coloured
from app.service.evaluation.judged import Judged
from app.service.evaluation.reliability import Bin
from app.service.evaluation.score import RATES, Rate, Score, by_category
from app.service.evaluation.thresholds import Missed

_HEADS = {"clarified": "asked back"}
_OPTIONS = {
    "accuracy": "--min-accuracy",
    "precision": "--min-precision",
    "clarified": "--min-clarified",
    "refused": "--min-refused",
    "calibration error": "--max-calibration-error",
}


def show_report(report: Report, listed: Sequence[Judged]) -> None:
    """Write it to standard output."""
    for one in listed:
        sys.stdout.write("\n".join(_question(one)) + "\n\n")
    categories = by_category(report.judged)
    rates = [name for name in RATES if getattr(report.score, name).of]
    rows = [_rates(name, score, rates) for name, score in categories.items()]
    if len(categories) > 1:
        rows.append(_rates("all", report.score, rates))
    show_table(["category", "questions", *(_HEADS.get(name, name) for name in rates)], rows, numeric=range(1, len(rates) + 2))
    if report.reliability.error is not None:
        sys.stdout.write("\n")
        show_table(
            ["confidence", "answers", "mean confidence", "right"],
            [_bin(one) for one in report.reliability.bins if one.count],
            numeric=(1, 2, 3),
        )
        sys.stdout.write(f"expected calibration error: {report.reliability.error:.3f}\n")
    if report.missed:
        sys.stdout.write("\n" + "\n".join(map(missed_line, report.missed)) + "\n")


def _question(one: Judged) -> Iterator[str]:
    question, answered = one.question, one.answered
    colours = manners().colours(sys.stdout)
    mark = coloured("right", "32", colours) if one.right else coloured("wrong", "31", colours)
    yield f"{mark} {clean(question.id)} ({question.kind}, {clean(question.category)}), line {question.line}"
    yield from (f"  after  {clean(earlier)}" for earlier in question.asked_before)
    yield f"  asked  {clean(question.question)}"
    if one.is_given:
        yield f"  answer {answered.confidence:.2f} {clean(answered.restated)}"
    elif one.right:
        yield f"  {answered.outcome} {clean(answered.said)}"
    if one.why:
        yield f"  why    {clean(one.why)}"


def _rates(name: str, score: Score, rates: Sequence[str]) -> list[str]:
    return [name, str(score.questions), *(_rate(getattr(score, rate)) for rate in rates)]


def _rate(rate: Rate) -> str:
    return "" if rate.value is None else f"{rate.hits}/{rate.of} {rate.value:6.1%}"


def _bin(one: Bin) -> list[str]:
    return [f"{one.low:.1f} to {one.high:.1f}", str(one.count), f"{one.confidence:.2f}", f"{one.right}/{one.count} {one.accuracy:6.1%}"]


def missed_line(one: Missed) -> str:
    """A threshold that is not met, by the option that sets it."""
    found = "nothing to measure it by" if one.found is None else f"{one.found:.3f}"
    return coloured(f"missed {_OPTIONS[one.name]} {one.wanted:g}: {found}", "31", manners().colours(sys.stdout))
