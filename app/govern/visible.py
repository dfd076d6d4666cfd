"""The part of an Ontology that a principal may know of: what listings, the lexicon, suggestions and hints are made from."""

from __future__ import annotations

import re
from collections.abc import Collection

from msgspec.structs import replace

from app.govern.access import Access
from app.govern.visible_metrics import element_names, query_names, visible_metrics
from app.govern.visible_names import with_visible_names
from app.model.expr import Expr
from app.model.ontology import Exposure, Group, Ontology, SavedQuery, TimeSpine
from app.model.physical import Model, ModelColumn
from app.model.semantics import Measure, SemanticModel
from app.sql.expressions.walk import columns

_WORD = re.compile(r"\w+")
_NO_META = "{}"
"""`meta` is free text in which a project may say anything of anything: it is the project's own, and no listing's."""


def visible_ontology(ontology: Ontology, access: Access) -> Ontology:
    """The Ontology without models, columns, dimensions, measures, metrics and saved queries that stand on what the principal may not read.

    A metric goes when any measure, metric, filter, link, time or item below it does, whether it is listed or not. Masked columns stay: they are
    seen, masked. Accepted values of a masked column, or of a model whose rows are filtered, are data and left out. Policies and `meta` are left
    out, and so is the mention of anything that is gone: in lineage, references, defaults, and groups which own nothing that is seen.
    """
    models = tuple(_model(model, access) for model in ontology.models if access.of(model.name).readable)
    kept = {model.name: {column.name for column in model.columns} for model in models}
    unique_ids = {model.unique_id for model in models}
    semantic_models = tuple(
        _semantic_model(one, access)
        for one in ontology.semantic_models
        if ontology.model(one.model) is None or access.of(one.model).readable
    )
    metrics = tuple(replace(metric, meta=_NO_META) for metric in visible_metrics(ontology, semantic_models))
    names = {metric.name for metric in metrics}
    lost = query_names(ontology.semantic_models) - query_names(semantic_models)
    hidden = {metric.name for metric in ontology.metrics} - names
    saved_queries = tuple(replace(q, meta=_NO_META) for q in ontology.saved_queries if _saved_query_seen(q, names, hidden, lost))
    owned = {m.group for m in models} | {s.group for s in semantic_models} | {m.group for m in metrics} | {q.group for q in saved_queries}
    seen = replace(
        ontology,
        models=tuple(_without_mentions(model, unique_ids, kept) for model in models),
        semantic_models=semantic_models,
        metrics=metrics,
        saved_queries=saved_queries,
        time_spines=tuple(_spine(spine, access) for spine in ontology.time_spines if _spine_seen(spine, access)),
        exposures=tuple(replace(e, meta=_NO_META) for e in ontology.exposures if _exposure_seen(e, unique_ids, names)),
        groups=tuple(_group(group) for group in ontology.groups if group.name in owned),
        segments=(),
        hierarchies=(),
    )
    return with_visible_names(seen, ontology)


def _model(model: Model, access: Access) -> Model:
    rule = access.of(model.name)
    key = model.primary_key if rule.denied.isdisjoint(model.primary_key) else ()
    return replace(
        model,
        columns=tuple(
            replace(column, accepted_values=()) if column.name in rule.masks or rule.predicate is not None else column
            for column in map(_told, model.columns)
            if column.name not in rule.denied
        ),
        primary_key=key,
        row_policies=(),
        column_policies=(),
        size_policies=(),
        limit_policies=(),
        meta=_NO_META,
    )


def _told(column: ModelColumn) -> ModelColumn:
    """Without why it was declassified: that is for those who keep the policies."""
    return replace(column, declassified="") if column.declassified else column


def _without_mentions(model: Model, unique_ids: Collection[str], kept: dict[str, set[str]]) -> Model:
    """Without what it says of models and columns that are not seen."""
    return replace(
        model,
        columns=tuple(_column(column, kept) for column in model.columns),
        depends_on=tuple(unique_id for unique_id in model.depends_on if unique_id in unique_ids),
    )


def _column(column: ModelColumn, kept: dict[str, set[str]]) -> ModelColumn:
    other = column.references
    seen = other is not None and other.column in kept.get(other.model, ())
    return replace(column, references=other if seen else None, meta=_NO_META)


def _semantic_model(one: SemanticModel, access: Access) -> SemanticModel:
    rule = access.of(one.model)

    def seen(expr: Expr) -> bool:
        return rule.denied.isdisjoint(column.name for column in columns(expr))

    def values(expr: Expr, given: tuple[str, ...]) -> tuple[str, ...]:
        return () if rule.predicate is not None or any(column.name in rule.masks for column in columns(expr)) else given

    entities = tuple(replace(entity, meta=_NO_META) for entity in one.entities if seen(entity.expr))
    dimensions = tuple(replace(d, values=values(d.expr, d.values), meta=_NO_META) for d in one.dimensions if seen(d.expr))
    lost = element_names(one) - {entity.name for entity in entities} - {dimension.name for dimension in dimensions}

    def told_apart(measure: Measure) -> bool:
        """Whether what a semi-additive measure tells its records apart by may be read."""
        rule = measure.non_additive
        return rule is None or lost.isdisjoint((rule.dimension, *rule.groups))

    def placed(measure: Measure) -> bool:
        """Whether a measure whose own time is lost would not be taken to be of its semantic model's default one."""
        return measure.agg_time_dimension not in lost or one.agg_time_dimension in ("", *lost)

    measures = tuple(
        replace(measure, meta=_NO_META, agg_time_dimension="" if measure.agg_time_dimension in lost else measure.agg_time_dimension)
        for measure in one.measures
        if seen(measure.expr) and told_apart(measure) and placed(measure)
    )
    default = "" if one.agg_time_dimension in lost else one.agg_time_dimension
    return replace(one, entities=entities, dimensions=dimensions, measures=measures, agg_time_dimension=default, meta=_NO_META)


def _saved_query_seen(query: SavedQuery, metrics: Collection[str], hidden: set[str], lost: set[str]) -> bool:
    """Whether all its metrics are seen and no item, as written, names something that is not: a name within a name counts too, and a dimension's own
    name alone (`Dimension('country', entity_path=['customer'])`), which errs on the side of hiding."""
    bare = {name.lower() for name in hidden} | {name.rpartition("__")[2].lower() for name in lost}
    texts = [item.lower() for item in (*query.group_by, *query.where, *query.order_by)]
    return all(name in metrics for name in query.metrics) and not any(
        bare.intersection(_WORD.findall(text)) or any(name.lower() in text for name in lost) for text in texts
    )


def _spine_seen(spine: TimeSpine, access: Access) -> bool:
    rule = access.of(spine.model)
    return rule.readable and spine.column not in rule.denied


def _spine(spine: TimeSpine, access: Access) -> TimeSpine:
    """The spine with the custom granularities whose columns may be read."""
    denied = access.of(spine.model).denied
    return replace(spine, custom=tuple((name, column) for name, column in spine.custom if (column or name) not in denied))


def _exposure_seen(exposure: Exposure, unique_ids: Collection[str], metrics: Collection[str]) -> bool:
    return all(d in unique_ids or (d.startswith("metric.") and d.rsplit(".", 1)[-1] in metrics) for d in exposure.depends_on)


def _group(group: Group) -> Group:
    return replace(group, meta=_NO_META)
