"""A layer's semantic models, metrics and saved queries as dbt's YAML writes them: what an extension holds, and what import gives back."""

from __future__ import annotations

import json
from typing import Any

from app.compile.interchange.sql_text import expression_sql, filter_sql, segment_sql
from app.model.expr import Column, Expr
from app.model.metrics import Conversion, Cumulative, Derived, MeasureInput, Metric, MetricInput, Ratio, Simple, Window
from app.model.ontology import Ontology, SavedQuery
from app.model.semantics import Dimension, DimensionType, Entity, Measure, SemanticModel

Definition = dict[str, Any]
"""One thing as dbt's YAML has it, as plain JSON values."""


def semantic_model_definition(model: SemanticModel, dialect: str, ontology: Ontology) -> Definition:
    """A semantic model of a layer, with its segments and hierarchies. Raises Unspeakable where an expression has no text."""
    return _held(
        {
            "name": model.name,
            "label": model.label,
            "description": model.description,
            "model": f"ref('{model.model}')" if "." not in model.model else "source('{}', '{}')".format(*model.model.split(".", 1)),
            "config": _config(model.meta, model.group, ours=_queried(model, dialect, ontology)),
            "defaults": _held({"agg_time_dimension": model.agg_time_dimension}),
            "primary_entity": model.primary_entity,
            "entities": [_entity(entity, dialect) for entity in model.entities],
            "dimensions": [_dimension(dimension, dialect) for dimension in model.dimensions],
            "measures": [_measure(measure, model, dialect) for measure in model.measures],
        }
    )


def metric_definition(metric: Metric, dialect: str) -> Definition:
    """A metric. Raises Unspeakable where an expression or filter has no text."""
    return _held(
        {
            "name": metric.name,
            "label": metric.label or metric.name,
            "description": metric.description,
            "type": metric.type,
            "type_params": _params(metric, dialect),
            "filter": filter_sql(metric.filter, dialect) if metric.filter is not None else None,
            "time_granularity": metric.grain.value if metric.grain else "",
            "config": _config(metric.meta, metric.group, metric.tags, _words(metric)),
        }
    )


def saved_query_definition(query: SavedQuery) -> Definition:
    """A saved query."""
    exports = [{"name": e.name, "config": _held({"export_as": e.kind, "schema": e.schema, "alias": e.alias})} for e in query.exports]
    config = _config(query.meta, query.group, query.tags) | ({"cache": {"enabled": True}} if query.cached else {})
    asked = {
        "metrics": list(query.metrics),
        "group_by": list(query.group_by),
        "where": list(query.where),
        "order_by": list(query.order_by),
        "limit": query.limit,
    }
    return _held(
        {
            "name": query.name,
            "label": query.label,
            "description": query.description,
            "config": config,
            "query_params": _held(asked),
            "exports": exports,
        }
    )


def _entity(entity: Entity, dialect: str) -> Definition:
    return _held(
        {
            "name": entity.name,
            "label": entity.label,
            "type": entity.type.value,
            "expr": _expr(entity.expr, entity.name, dialect),
            "role": entity.role,
            "description": entity.description,
            "config": _config(entity.meta),
        }
    )


def _dimension(dimension: Dimension, dialect: str) -> Definition:
    params: Definition = {}
    if dimension.type is DimensionType.TIME:
        params["time_granularity"] = dimension.grain.value if dimension.grain else "day"
        if dimension.validity:
            params["validity_params"] = {f"is_{dimension.validity}": True}
    return _held(
        {
            "name": dimension.name,
            "label": dimension.label,
            "description": dimension.description,
            "type": dimension.type.value,
            "expr": _expr(dimension.expr, dimension.name, dialect),
            "is_partition": dimension.is_partition or None,
            "type_params": params,
            "config": _config(dimension.meta, ours=_words(dimension)),
        }
    )


def _measure(measure: Measure, model: SemanticModel, dialect: str) -> Definition:
    percentile = {
        "percentile": measure.percentile,
        "use_discrete_percentile": measure.discrete or None,
        "use_approximate_percentile": measure.approximate or None,
    }
    choice = measure.non_additive
    return _held(
        {
            "name": measure.name,
            "label": measure.label,
            "description": measure.description,
            "agg": measure.agg.value,
            "expr": _expr(measure.expr, measure.name, dialect),
            "agg_params": _held(percentile),
            "agg_time_dimension": measure.agg_time_dimension if measure.agg_time_dimension != model.agg_time_dimension else "",
            "non_additive_dimension": _held(
                {"name": choice.dimension, "window_choice": choice.choice, "window_groupings": list(choice.groups)}
            )
            if choice
            else None,
            "config": _config(measure.meta),
        }
    )


def _params(metric: Metric, dialect: str) -> Definition:
    match metric.params:
        case Simple(input=given):
            return {"measure": _measured(given, dialect)}
        case Ratio(numerator=numerator, denominator=denominator):
            return {"numerator": _input(numerator, dialect), "denominator": _input(denominator, dialect)}
        case Derived(expr=expr, inputs=inputs):
            return {"expr": expression_sql(expr, dialect), "metrics": [_input(given, dialect) for given in inputs]}
        case Cumulative(input=given, window=window, grain_to_date=to_date, period_agg=period_agg):
            span = {"window": _window(window), "grain_to_date": to_date, "period_agg": period_agg}
            return {"measure": _measured(given, dialect), "cumulative_type_params": _held(span)}
        case Conversion() as params:
            properties = [{"base_property": base, "conversion_property": other} for base, other in params.constant_properties]
            held = {
                "entity": params.entity,
                "calculation": params.calculation,
                "base_measure": _measured(params.base, dialect),
                "conversion_measure": _measured(params.conversion, dialect),
                "window": _window(params.window),
                "constant_properties": properties,
            }
            return {"conversion_type_params": _held(held)}


def _measured(given: MeasureInput, dialect: str) -> str | Definition:
    """A measure as a metric uses it: its name alone where there is no more to say."""
    held = _held(
        {
            "name": given.measure,
            "filter": filter_sql(given.filter, dialect) if given.filter is not None else None,
            "fill_nulls_with": given.fill_nulls_with,
            "join_to_timespine": given.join_to_timespine or None,
        }
    )
    return given.measure if len(held) == 1 else held


def _input(given: MetricInput, dialect: str) -> Definition:
    """A metric as another uses it."""
    return _held(
        {
            "name": given.metric,
            "alias": given.alias,
            "filter": filter_sql(given.filter, dialect) if given.filter is not None else None,
            "offset_window": _window(given.offset_window),
            "offset_to_grain": given.offset_to_grain,
        }
    )


def _window(window: Window | None) -> str:
    return f"{window.count} {window.grain}" if window else ""


def _expr(expr: Expr, name: str, dialect: str) -> str:
    """The text of an `expr`; "" where it is the column of the thing's own name."""
    return "" if expr == Column(name) else expression_sql(expr, dialect)


def _words(thing: Metric | Dimension) -> Definition:
    """The words of `meta.datamind`, which a layer keeps as fields."""
    return _held({"synonyms": list(thing.synonyms), "unit": thing.unit, "format": thing.format})


def _queried(model: SemanticModel, dialect: str, ontology: Ontology) -> Definition:
    """What `meta.datamind` says to queries: default paths, segments and hierarchies."""
    segments = [
        _held({"name": s.name, "label": s.label, "description": s.description, "where": segment_sql(s.where, dialect)})
        for s in ontology.segments
        if s.semantic_model == model.name
    ]
    hierarchies = [
        _held({"name": h.name, "label": h.label, "description": h.description, "levels": list(h.levels)})
        for h in ontology.hierarchies
        if h.semantic_model == model.name
    ]
    paths = {entity: list(links) for entity, links in model.default_paths}
    return _held({"segments": segments, "hierarchies": hierarchies, "default_paths": paths})


def _config(meta: str, group: str = "", tags: tuple[str, ...] = (), ours: Definition | None = None) -> Definition:
    held = json.loads(meta) | ({"datamind": ours} if ours else {})
    return _held({"group": group, "tags": list(tags)}) | ({"meta": held} if held else {})


def _held(definition: Definition) -> Definition:
    """What is said: without None, empty texts and empty collections; 0 and False are said."""
    return {key: value for key, value in definition.items() if value is not None and value not in ("", [], {})}
