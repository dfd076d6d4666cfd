"""A metric's definition in a form that people read: SQL's words, no engine's dialect. Never executed."""

from __future__ import annotations

from app.model.metrics import Conversion, Cumulative, Derived, MeasureInput, Metric, MetricInput, Ratio, Simple
from app.model.ontology import Ontology
from app.model.types import Aggregation
from app.sql.expressions.text import expression_text


def formula(metric: Metric, ontology: Ontology) -> str:
    """The metric in one line: `sum(net_amount) where order__status = 'paid'`, `revenue / orders`."""
    match metric.params:
        case Simple(input=item):
            text = measure_text(item, ontology)
        case Ratio(numerator=numerator, denominator=denominator):
            text = f"{_input(numerator)} / {_input(denominator)}"
        case Derived(expr=expr, inputs=inputs):
            named = [f"{item.alias} = {_input(item, alias=False)}" for item in inputs if item.alias or item.filter]
            text = expression_text(expr) + (f" with {', '.join(named)}" if named else "")
        case Cumulative(input=item, window=window, grain_to_date=to_date):
            span = f"over {window.count} {window.grain}s" if window else f"since the start of the {to_date}" if to_date else "over all time"
            text = f"{measure_text(item, ontology)} {span}"
        case Conversion(base=base, conversion=conversion, entity=entity, calculation=calculation, window=window):
            within = f" within {window.count} {window.grain}s" if window else ""
            text = f"{calculation} of {measure_text(base, ontology)} to {measure_text(conversion, ontology)} per {entity}{within}"
    return f"{text} where {expression_text(metric.filter)}" if metric.filter else text


def measure_text(item: MeasureInput, ontology: Ontology) -> str:
    """A measure as a metric uses it: `count(distinct customer_id)`."""
    owner = ontology.semantic_model(item.semantic_model)
    measure = next((m for m in owner.measures if m.name == item.measure), None) if owner else None
    if measure is None:
        return item.measure
    inner = expression_text(measure.expr)
    if measure.agg is Aggregation.COUNT_DISTINCT:
        text = f"count(distinct {inner})"
    elif measure.agg is Aggregation.PERCENTILE:
        text = f"percentile({inner}, {measure.percentile:g})"
    else:
        text = f"{measure.agg}({inner})"
    if measure.non_additive:
        text += f" at the {'last' if measure.non_additive.choice == 'max' else 'first'} {measure.non_additive.dimension}"
    return f"{text} where {expression_text(item.filter)}" if item.filter else text


def _input(item: MetricInput, *, alias: bool = True) -> str:
    text = item.alias if alias and item.alias and not item.filter else item.metric
    if item.filter:
        text = f"({text} where {expression_text(item.filter)})"
    if item.offset_window:
        text += f" {item.offset_window.count} {item.offset_window.grain}{'' if item.offset_window.count == 1 else 's'} before"
    elif item.offset_to_grain:
        text += f" at the start of the {item.offset_to_grain}"
    return text
