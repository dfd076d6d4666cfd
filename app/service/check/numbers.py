"""The check `numbers`: what the changed metrics say by the old definitions and by the new ones, on the warehouse as it is now."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.compile.markdown.escape import cell, prose
from app.compile.markdown.sections import Section
from app.errors import DataMindError
from app.language.formats import cell as spelled
from app.model.metrics import Metric
from app.model.ontology import Layer
from app.model.result import Value
from app.service.check.changes import LOOSER
from app.service.check.outcome import Outcome
from app.service.check.subject import Ask, Numbers, Subject
from app.service.check.tables import meant_otherwise
from app.service.diff import Comparison
from app.service.request import QueryRequest

PERIODS = 6
"""So many of the newest periods stand beside the total."""
_GRAINS = ("metric_time__month", "metric_time")
"""Months, of which a reviewer can take in six; the metric's own grain where that is coarser."""
_HONEST = "Both are computed on the tables as they are in the warehouse now: SQL of models that this change edits was not run."


@dataclass(frozen=True, slots=True)
class Compared:
    """A number by the old definitions and by the new ones, or why there is none; `period` is "" for the total."""

    metric: str
    period: str
    before: Value
    after: Value
    problem: str = ""

    @property
    def difference(self) -> float | None:
        """By how many percent the new one is more than the old one, None where that has no meaning."""
        if not _is_number(self.before) or not _is_number(self.after) or not self.before:
            return None
        old, new = float(self.before), float(self.after)  # type: ignore[arg-type] # both are numbers: that was asked
        return (new - old) / abs(old) * 100


def numbers(subject: Subject) -> Outcome | None:
    """Compute them, for as many metrics as are wanted at most. A metric that can't be computed says why, and fails nothing."""
    wanted, comparison = subject.wanted.numbers, subject.comparison if subject.wanted.numbers else None
    if wanted is None:
        return None
    if comparison is None:
        return Outcome("numbers", "there is nothing to compare with", skipped=True)
    metrics = meant_otherwise(comparison)
    if not metrics:
        return Outcome("numbers", "no metric means something else", skipped=True)
    found = list(_computed(comparison, metrics[: wanted.most], wanted))
    more = len(metrics) - wanted.most
    said = f"{len(metrics[: wanted.most])} of {len(metrics)} changed metrics, as {wanted.asker}"
    names = {metric.name: metric for layer in comparison.layers for metric in layer.ontology.metrics}
    body = {"asker": wanted.asker, "values": [_body(value) for value in found]}
    lines = [_HONEST, *(_line(value, names.get(value.metric)) for value in found)]
    return Outcome("numbers", said, sections=[_section(found, names, max(0, more), wanted)], body=body, lines=lines)


def _computed(comparison: Comparison, metrics: Sequence[str], wanted: Numbers) -> Iterator[Compared]:
    withheld = {metric: reason for metric in metrics if (reason := _withheld(metric, comparison))}
    yield from (Compared(metric, "", None, None, reason) for metric, reason in withheld.items())
    asked = [metric for metric in metrics if metric not in withheld]
    if not asked:
        return
    try:
        with wanted.opened() as ask:
            for metric in asked:
                yield from _of(metric, comparison.layers, ask)
    except DataMindError as error:  # no server answers at all
        yield Compared("all", "", None, None, _reason(error))


def _withheld(metric: str, comparison: Comparison) -> str:
    """Why nobody is shown the numbers: what the change lets people see more of, a person must agree to first."""
    for change in comparison.report.security:
        if change.security in LOOSER and (metric in change.touches.metrics or not change.touches.metrics):
            return f"protection is changed ({change.message}): it is not computed before that is agreed to"
    return ""


def _of(metric: str, layers: tuple[Layer, Layer], ask: Ask) -> Iterator[Compared]:
    """The total, and the newest periods."""
    (old, why_old), (new, why_new) = (_asked(ask, layer, QueryRequest(metrics=(metric,))) for layer in layers)
    yield Compared(metric, "", old.get(""), new.get(""), _either(why_old, why_new))
    for time in _GRAINS:
        by_time = QueryRequest(metrics=(metric,), group_by=(time,), order=(f"-{time}",), limit=PERIODS)
        (old, why_old), (new, why_new) = (_asked(ask, layer, by_time) for layer in layers)
        if not (why_old and why_new):
            break
    else:  # it has no time, or the total has said why already
        return
    if why_old or why_new:
        yield Compared(metric, "by period", None, None, _either(why_old, why_new))
        return
    for period in sorted({*old, *new}, reverse=True)[:PERIODS]:
        yield Compared(metric, period, old.get(period), new.get(period))


def _asked(ask: Ask, layer: Layer, request: QueryRequest) -> tuple[Mapping[str, Value], str]:
    """The metric's value by period ("" for the total), and why there is none. Rows without a time belong to no period."""
    try:
        result = ask(layer, request)
    except DataMindError as error:
        return {}, _reason(error)
    rows = list(result.rows())
    if not request.group_by:
        return {"": rows[0][-1] if rows else None}, ""
    return {spelled(row[0]): row[-1] for row in rows if row[0] is not None}, ""


def _reason(error: DataMindError) -> str:
    return f"{error.problem.code} {error.problem.message}"


def _either(before: str, after: str) -> str:
    if before and after:
        return before if before == after else f"before: {before}; after: {after}"
    return f"before: {before}" if before else f"after: {after}" if after else ""


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool) and math.isfinite(value)


def _section(found: Sequence[Compared], metrics: Mapping[str, Metric], more: int, wanted: Numbers) -> Section:
    head = [
        f"#### Numbers before and after, as {prose(wanted.asker)}",
        "",
        f"_{_HONEST}_",
        "",
        "| metric | period | before | after | difference |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    foot = ["", f"_{more} more metrics are not computed: `--numbers` says how many are._", ""] if more else [""]
    return Section(head, [[_row(value, metrics.get(value.metric))] for value in found], foot)


def _line(value: Compared, metric: Metric | None) -> str:
    """A row for people at a terminal."""
    head = f"{value.metric}{f' {value.period}' if value.period else ''}"
    if value.problem:
        return f"{head}: {value.problem}"
    return f"{head}: {spelled(value.before, metric)} → {spelled(value.after, metric)}{f' ({told})' if (told := _percent(value)) else ''}"


def _row(value: Compared, metric: Metric | None) -> str:
    name = cell(value.metric) if not value.period else ""
    if value.problem:
        return f"| {name} | {prose(value.problem, in_cell=True)} | | | |"
    before, after = (prose(spelled(side, metric), in_cell=True) for side in (value.before, value.after))
    return f"| {name} | {value.period or 'in all'} | {before} | {after} | {_percent(value)} |"


def _percent(value: Compared) -> str:
    if value.before == value.after:
        return "same"
    return "" if value.difference is None else f"{value.difference:+,.1f}%"


def _body(value: Compared) -> dict[str, Any]:
    return {
        "metric": value.metric,
        "period": value.period,
        "before": value.before,
        "after": value.after,
        "difference_percent": value.difference,
        "problem": value.problem,
    }
