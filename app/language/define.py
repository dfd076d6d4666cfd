"""Metrics as they are defined: formulas in words, with file and owner."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from app.language.calculations import calculation_definitions
from app.language.naming import label_of
from app.language.say import Labels, say
from app.model.answer import Definition
from app.model.expr import Expr, Literal
from app.model.metrics import Conversion, Cumulative, MeasureInput, Metric, MetricInput, Simple, Window
from app.model.ontology import Ontology
from app.model.query import SemanticQuery
from app.model.semantics import Measure
from app.sql.formulas import Wording

_AGGREGATIONS = {
    "sum": "sum of",
    "min": "lowest",
    "max": "highest",
    "average": "average of",
    "median": "median of",
    "sum_boolean": "number of rows where",
}
_STANDS = {"first": "the first day", "last": "the last day", "average": "the average of its days"}


def definitions(query: SemanticQuery, ontology: Ontology, labels: Labels | None = None) -> tuple[Definition, ...]:
    """One Definition for each metric that the query shows or calculates with, in the query's order, then one for each calculation.

    `labels` are the ontology's, where they are at hand.
    """
    labels = labels or Labels(ontology)
    metrics = tuple(define(metric, ontology, labels) for name in query.asked_metrics if (metric := ontology.metric(name)) is not None)
    return metrics + calculation_definitions(query, ontology, labels)


def define(metric: Metric, ontology: Ontology, labels: Labels) -> Definition:
    """A metric's Definition; `file` is the metric's own, else that of the semantic model it measures."""
    file = metric.file
    if not file and isinstance(metric.params, Simple):
        model = ontology.semantic_model(metric.params.input.semantic_model)
        file = model.file if model else ""
    return Definition(
        metric=metric.name,
        label=label_of(metric.name, metric.label),
        description=metric.description,
        formula=_SpokenWords(ontology, labels).formula(metric),
        type=metric.type,
        file=file,
        owner=metric.owner or metric.group,
        unit=metric.unit,
        format=metric.format,
    )


class _SpokenWords(Wording):
    """Words as people say them: `sum of net_amount of order_lines, where …`; `refunds / revenue`; an expression over other metrics."""

    names_owner = True

    def __init__(self, ontology: Ontology, labels: Labels) -> None:
        super().__init__(ontology)
        self.labels = labels

    def expr(self, expr: Expr) -> str:
        return say(expr, self.labels)

    def where(self, condition: Expr | None) -> str:
        return f", where {say(condition, self.labels)}" if condition is not None else ""

    def aggregation(self, measure: Measure) -> str:
        return _aggregation(measure, say(measure.expr, self.labels))

    def input(self, given: MetricInput) -> str:
        text = given.metric
        if given.filter is not None:
            text += f" (where {say(given.filter, self.labels)})"
        if given.offset_window:
            text += f" {_window(given.offset_window)} earlier"
        if given.offset_to_grain:
            text += f" at the start of the {given.offset_to_grain}"
        return text

    def inputs(self, given: Sequence[MetricInput]) -> str:
        told = [f"{i.alias} is {self.input(i)}" for i in given if i.alias and i.alias != i.metric]
        told += [self.input(i) for i in given if not (i.alias and i.alias != i.metric) and _changed(i)]
        return f", where {'; '.join(told)}" if told else ""

    def formula(self, metric: Metric) -> str:
        """The same, with what stands for periods longer than a metric's own at the end."""
        text = super().formula(metric)
        if isinstance(metric.params, Cumulative):
            text += f"; {_STANDS.get(metric.params.period_agg, _STANDS['last'])} stands for a longer period"
        return text

    def measure(self, given: MeasureInput) -> str:
        """The same, with what is said for want of rows. A filter stands at the end, so that this is not taken for a part of it."""
        plain = super().measure(msgspec.structs.replace(given, filter=None))
        found = self._measure(given)
        if found is not None and found.non_additive is not None and found.non_additive.groups:
            plain += f" of each {' and '.join(found.non_additive.groups)}"
        if given.join_to_timespine:
            plain += " (also of periods without rows)"
        if given.fill_nulls_with is not None:
            plain += f" ({given.fill_nulls_with} where there are none)"
        return plain + self.where(given.filter)

    def _measure(self, given: MeasureInput) -> Measure | None:
        model = self.ontology.semantic_model(given.semantic_model)
        return next((measure for measure in model.measures if measure.name == given.measure), None) if model is not None else None

    def span(self, window: Window | None, to_date: str) -> str:
        if window:
            return f", accumulated over {_window(window)}"
        return f", since the start of the {to_date}" if to_date else ", accumulated over all of time"

    def conversion(self, params: Conversion) -> str:
        rate = " / base events" if params.calculation == "conversion_rate" else ""
        text = f"conversions{rate}: {self.measure(params.conversion)} after {self.measure(params.base)} of the same {params.entity}"
        text += "".join(f" and {base}" if base == after else f" and {base} = {after}" for base, after in params.constant_properties)
        return text + (f" within {_window(params.window)}" if params.window else ", whenever that was")


def _window(window: Window) -> str:
    return f"{window.count} {window.grain}{'s' if window.count != 1 and not window.grain.endswith('s') else ''}"


def _ordinal(number: float) -> str:
    """`1st`, `22nd`, `13th`, `99.9th`."""
    text = f"{number:.10g}"
    ends = {"1": "st", "2": "nd", "3": "rd"} if text.isdigit() and text[-2:] not in ("11", "12", "13") else {}
    return text + ends.get(text[-1], "th")


def _changed(given: MetricInput) -> bool:
    return bool(given.filter is not None or given.offset_window or given.offset_to_grain)


def _aggregation(measure: Measure, inner: str) -> str:
    if measure.agg == "count":
        return "number of rows" if isinstance(measure.expr, Literal) else f"number of rows with {inner}"
    if measure.agg == "count_distinct":
        return f"number of different {inner}"
    if measure.agg == "percentile":
        kind = "approximate " if measure.approximate else ""
        kept = " (discrete)" if measure.discrete else ""
        return f"{kind}{_ordinal((0.5 if measure.percentile is None else measure.percentile) * 100)} percentile of {inner}{kept}"
    if measure.agg == "sum" and isinstance(measure.expr, Literal) and measure.expr.value == 1:
        return "number of rows"
    return f"{_AGGREGATIONS.get(measure.agg, str(measure.agg))} {inner}"
