"""What the interpreter knows of a metric beside its words: what it counts, how it adds up, and when it has a value."""

from __future__ import annotations

from app.language.by_time import timing
from app.language.collocations import verbs_of
from app.language.formats import is_fraction
from app.language.naming import label_of
from app.language.senses import MetricFacts
from app.model.expr import Column, Literal
from app.model.metrics import Metric, Ratio, Simple, measure_inputs, metric_inputs
from app.model.ontology import Ontology
from app.model.semantics import Measure, SemanticModel
from app.model.types import Aggregation

_AGGREGATE_WORDS = {
    Aggregation.SUM: frozenset({"sum"}),
    Aggregation.COUNT: frozenset({"sum", "count"}),
    Aggregation.COUNT_DISTINCT: frozenset({"sum", "count", "distinct"}),
    Aggregation.SUM_BOOLEAN: frozenset({"sum", "count"}),
    Aggregation.AVERAGE: frozenset({"average"}),
    Aggregation.MEDIAN: frozenset({"median"}),
    Aggregation.PERCENTILE: frozenset({"median"}),
    Aggregation.MIN: frozenset({"min"}),
    Aggregation.MAX: frozenset({"max"}),
}


def metric_facts(metric: Metric, ontology: Ontology) -> MetricFacts:
    """The facts of one metric of the layer."""
    label = label_of(metric.name, metric.label)
    fraction = is_fraction(metric) or (isinstance(metric.params, Ratio) and not metric.format and not metric.unit)
    return MetricFacts(
        metric.name,
        label,
        _aggregates(metric, ontology),
        _homes(metric, ontology),
        fraction,
        None if isinstance(metric.params, Simple) else timing(metric, ontology),
        metric.unit,
        verbs_of(metric.description),
        _is_stock(metric, ontology),
        _rows_of(metric, ontology),
        metric.synonyms,
        _dated_by(metric, ontology),
    )


def _dated_by(metric: Metric, ontology: Ontology) -> str:
    """The time dimension by which the rows of a simple metric are dated."""
    if not isinstance(metric.params, Simple):
        return ""
    model, measure = _measured(metric.params, ontology)
    if model is None or measure is None:
        return ""
    return model.dunder(measure.agg_time_dimension or model.agg_time_dimension)


def _rows_of(metric: Metric, ontology: Ontology) -> str:
    """The primary entity of the model of which the metric counts every row, "" where it is no such count."""
    if not isinstance(metric.params, Simple) or metric.filter is not None or metric.params.input.filter is not None:
        return ""
    model, measure = _measured(metric.params, ontology)
    return model.primary if model is not None and measure is not None and _is_each_row(measure, model) else ""


def _is_each_row(measure: Measure, model: SemanticModel) -> bool:
    """Whether a measure counts the rows: `count(1)`, `sum(1)`, or a count of the primary key."""
    if isinstance(measure.expr, Literal):
        return measure.expr.value is not None and (
            measure.agg is Aggregation.COUNT or (measure.agg is Aggregation.SUM and measure.expr.value == 1)
        )
    keys = [entity.expr for entity in model.entities if entity.name == model.primary]
    return measure.agg in (Aggregation.COUNT, Aggregation.COUNT_DISTINCT) and isinstance(measure.expr, Column) and measure.expr in keys


def _homes(metric: Metric, ontology: Ontology) -> frozenset[str]:
    """The primary entities of the models that the inputs of a metric measure."""
    found: set[str] = set()
    names, seen = [metric.name], set()
    while names:
        one = ontology.metric(names.pop())
        if one is None or one.name in seen:
            continue
        seen.add(one.name)
        names += [given.metric for given in metric_inputs(one.params)]
        models = (ontology.semantic_model(given.semantic_model) for given in measure_inputs(one.params))
        found |= {model.primary for model in models if model is not None}
    return frozenset(found - {""})


def _is_stock(metric: Metric, ontology: Ontology, seen: frozenset[str] = frozenset()) -> bool:
    if timing(metric, ontology) is not None:
        return True
    inputs = [(ontology.semantic_model(given.semantic_model), given.measure) for given in measure_inputs(metric.params)]
    inner = [one for given in metric_inputs(metric.params) if (one := ontology.metric(given.metric)) is not None and one.name not in seen]
    measures = [m for model, name in inputs if model is not None for m in model.measures if m.name == name]
    return any(m.non_additive is not None for m in measures) or any(_is_stock(one, ontology, seen | {metric.name}) for one in inner)


def _measured(params: Simple, ontology: Ontology) -> tuple[SemanticModel | None, Measure | None]:
    model = ontology.semantic_model(params.input.semantic_model)
    return model, next((m for m in model.measures if m.name == params.input.measure), None) if model is not None else None


def _aggregates(metric: Metric, ontology: Ontology) -> frozenset[str]:
    """The aggregation words that say nothing beyond the metric."""
    if not isinstance(metric.params, Simple):
        return frozenset({"average"} if isinstance(metric.params, Ratio) else ())
    _, measure = _measured(metric.params, ontology)
    if measure is not None and measure.agg is Aggregation.SUM and isinstance(measure.expr, Literal):
        return _AGGREGATE_WORDS[Aggregation.COUNT]  # so many ones as there are rows
    return _AGGREGATE_WORDS.get(measure.agg, frozenset()) if measure else frozenset()
