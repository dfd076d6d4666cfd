"""Metrics as they are defined: formulas in words, with file and owner."""

from __future__ import annotations

from app.language.naming import label_of
from app.language.say import Labels, say
from app.model.answer import Definition
from app.model.expr import Expr, Literal
from app.model.metrics import Conversion, Cumulative, Derived, MeasureInput, Metric, MetricInput, Ratio, Simple, Window
from app.model.ontology import Ontology
from app.model.query import SemanticQuery
from app.model.semantics import Measure

_AGGREGATIONS = {
    "sum": "sum of",
    "min": "lowest",
    "max": "highest",
    "average": "average of",
    "median": "median of",
    "sum_boolean": "number of rows where",
}


def definitions(query: SemanticQuery, ontology: Ontology) -> tuple[Definition, ...]:
    """One Definition for each metric of the query that the layer has, in the query's order."""
    labels = Labels(ontology)
    return tuple(define(metric, ontology, labels) for name in query.metrics if (metric := ontology.metric(name)) is not None)


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
        formula=formula(metric, ontology, labels),
        type=metric.type,
        file=file,
        owner=metric.owner or metric.group,
        unit=metric.unit,
        format=metric.format,
    )


def formula(metric: Metric, ontology: Ontology, labels: Labels) -> str:
    """`sum of net_amount of order_lines, where …`; `refunds / revenue`; an expression over other metrics."""
    match metric.params:
        case Simple(input=given):
            text = _measure(given, ontology, labels)
        case Ratio(numerator=numerator, denominator=denominator):
            text = f"{_input(numerator, labels)} / {_input(denominator, labels)}"
        case Derived(expr=expr, inputs=inputs):
            text = say(expr, labels)
            told = [f"{i.alias} is {_input(i, labels)}" for i in inputs if i.alias and i.alias != i.metric]
            told += [_input(i, labels) for i in inputs if not (i.alias and i.alias != i.metric) and _changed(i)]
            text += f", where {'; '.join(told)}" if told else ""
        case Cumulative(input=given, window=window, grain_to_date=to_date):
            text = _measure(given, ontology, labels)
            text += (
                f", accumulated over {_window(window)}"
                if window
                else f", since the start of the {to_date}"
                if to_date
                else ", accumulated over all of time"
            )
        case Conversion(base=base, conversion=conversion, entity=entity, calculation=calculation, window=window):
            rate = " / base events" if calculation == "conversion_rate" else ""
            text = (
                f"conversions{rate}: {_measure(conversion, ontology, labels)} after {_measure(base, ontology, labels)} of the same {entity}"
            )
            text += f" within {_window(window)}" if window else ""
    return text + _where(metric.filter, labels)


def _window(window: Window) -> str:
    return f"{window.count} {window.grain}{'s' if window.count != 1 and not window.grain.endswith('s') else ''}"


def _where(filter_: Expr | None, labels: Labels) -> str:
    return f", where {say(filter_, labels)}" if filter_ is not None else ""


def _changed(given: MetricInput) -> bool:
    return bool(given.filter is not None or given.offset_window or given.offset_to_grain)


def _input(given: MetricInput, labels: Labels) -> str:
    text = given.metric
    if given.filter is not None:
        text += f" (where {say(given.filter, labels)})"
    if given.offset_window:
        text += f" {_window(given.offset_window)} earlier"
    if given.offset_to_grain:
        text += f" at the start of the {given.offset_to_grain}"
    return text


def _measure(given: MeasureInput, ontology: Ontology, labels: Labels) -> str:
    model = ontology.semantic_model(given.semantic_model)
    measure = next((m for m in model.measures if m.name == given.measure), None) if model else None
    if model is None or measure is None:
        return given.measure + _where(given.filter, labels)
    text = f"{_aggregation(measure, say(measure.expr, labels))} of {model.name}"
    if measure.non_additive:
        end = "last" if measure.non_additive.choice == "max" else "first"
        text += f" at the {end} {measure.non_additive.dimension}"
    return text + _where(given.filter, labels)


def _aggregation(measure: Measure, inner: str) -> str:
    if measure.agg == "count":
        return "number of rows" if isinstance(measure.expr, Literal) else f"number of rows with {inner}"
    if measure.agg == "count_distinct":
        return f"number of different {inner}"
    if measure.agg == "percentile":
        return f"{(measure.percentile or 0.5) * 100:g}th percentile of {inner}"
    if measure.agg == "sum" and isinstance(measure.expr, Literal) and measure.expr.value == 1:
        return "number of rows"
    return f"{_AGGREGATIONS.get(measure.agg, str(measure.agg))} {inner}"
