"""A layer of which only some nodes are wanted."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from app.compile.selection.evaluate import Selected
from app.model.expr import Expr
from app.model.metrics import Metric, filters, measure_inputs, metric_inputs
from app.model.ontology import Layer
from app.sql.expressions.walk import fields
from app.sql.joins import JoinGraph


def narrowed(layer: Layer, selected: Selected) -> Layer:
    """The layer with the metrics, semantic models and saved queries that are selected, and what these stand on, the names of filters included: nothing
    that is left lacks anything.

    A saved query is left where all its metrics are, a segment or hierarchy where its semantic model is. Models stay: what is asked of them is said by
    semantic models.
    """
    ontology = layer.ontology
    joins = JoinGraph.of(ontology)
    metrics = _with_inputs(joins, selected.names("metric"))
    models = set(selected.names("semantic_model"))
    for name in metrics:
        models |= _read(joins, joins.metrics[name])
    segments = tuple(s for s in ontology.segments if s.semantic_model in models)
    models = models.union(*(_reached(joins, (s.semantic_model,), s.where) for s in segments))
    queries = selected.names("saved_query")
    kept = replace(
        ontology,
        metrics=tuple(m for m in ontology.metrics if m.name in metrics),
        semantic_models=tuple(s for s in ontology.semantic_models if s.name in models),
        saved_queries=tuple(q for q in ontology.saved_queries if q.name in queries and metrics.issuperset(q.metrics)),
        segments=segments,
        hierarchies=tuple(h for h in ontology.hierarchies if h.semantic_model in models),
    )
    return replace(layer, ontology=kept)


def _with_inputs(joins: JoinGraph, names: frozenset[str]) -> set[str]:
    """The metrics and all on which they stand."""
    found: set[str] = set()
    rest = list(names)
    while rest:
        metric = joins.metrics.get(rest.pop())
        if metric is not None and metric.name not in found:
            found.add(metric.name)
            rest += [given.metric for given in metric_inputs(metric.params)]
            rest += [field.name for condition in filters(metric) for field in fields(condition) if field.kind == "metric"]
    return found


def _read(joins: JoinGraph, metric: Metric) -> set[str]:
    """The semantic models whose measures, and whose elements in filters, a metric reads."""
    own = {given.semantic_model for given in measure_inputs(metric.params)}
    starts = own | {given.semantic_model for given in joins.grouped_inputs(metric.name)}
    return own.union(*(_reached(joins, starts, condition) for condition in filters(metric)))


def _reached(joins: JoinGraph, starts: Iterable[str], condition: Expr) -> set[str]:
    """The semantic models to which the names of a filter lead, those on the way included; nothing for a name that means nothing from a start."""
    found: set[str] = set()
    for start in starts:
        for field in fields(condition):
            way = joins.find(start, field.name, field.path) if field.kind != "metric" else None
            if way is not None:
                found |= {way.owner.name, *(hop.semantic_model for hop in way.hops)}
    return found
