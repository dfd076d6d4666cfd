"""A layer of which only some nodes are wanted."""

from __future__ import annotations

from msgspec.structs import replace

from app.compile.selection.evaluate import Selected
from app.model.metrics import measure_inputs, metric_inputs
from app.model.ontology import Layer, Ontology


def narrowed(layer: Layer, selected: Selected) -> Layer:
    """The layer with the metrics, semantic models and saved queries that are selected, and what these stand on: nothing that is left lacks anything.

    A saved query is left where all its metrics are. Models stay: what is asked of them is said by semantic models.
    """
    ontology = layer.ontology
    metrics = _with_inputs(ontology, selected.names("metric"))
    measured = {given.semantic_model for m in ontology.metrics if m.name in metrics for given in measure_inputs(m.params)}
    models = measured | selected.names("semantic_model")
    queries = selected.names("saved_query")
    kept = replace(
        ontology,
        metrics=tuple(m for m in ontology.metrics if m.name in metrics),
        semantic_models=tuple(s for s in ontology.semantic_models if s.name in models),
        saved_queries=tuple(q for q in ontology.saved_queries if q.name in queries and metrics.issuperset(q.metrics)),
    )
    return replace(layer, ontology=kept)


def _with_inputs(ontology: Ontology, names: frozenset[str]) -> set[str]:
    """The metrics and all on which they stand."""
    found: set[str] = set()
    rest = list(names)
    while rest:
        metric = ontology.metric(rest.pop())
        if metric is not None and metric.name not in found:
            found.add(metric.name)
            rest += [given.metric for given in metric_inputs(metric.params)]
    return found
