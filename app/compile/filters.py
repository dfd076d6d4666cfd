"""Whether the names in a filter exist anywhere in the layer; which of them a query can reach is the planner's to say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.compile.report import Place, Report
from app.errors import did_you_mean
from app.model.expr import Expr, Field
from app.model.metrics import Conversion, Cumulative, Derived, Metric, Ratio, Simple
from app.model.semantics import SemanticModel
from app.sql.expressions.walk import conjunction, fields


@dataclass(frozen=True, slots=True)
class KnownNames:
    """What a filter may speak of, in lower case: dimensions with `metric_time`, entities, metrics, custom granularities."""

    dimensions: frozenset[str]
    entities: frozenset[str]
    metrics: frozenset[str]
    grains: frozenset[str]


def known_names(semantic_models: Sequence[SemanticModel], metrics: Iterable[str], grains: Iterable[str]) -> KnownNames:
    """The names of a layer."""
    entities = {e.name.lower() for s in semantic_models for e in s.entities} | {s.primary.lower() for s in semantic_models if s.primary}
    dimensions = {d.name.lower() for s in semantic_models for d in s.dimensions} | {"metric_time"}
    return KnownNames(
        frozenset(dimensions), frozenset(entities), frozenset(m.lower() for m in metrics), frozenset(g.lower() for g in grains)
    )


def check_fields(metric: Metric, known: KnownNames, place: Place, report: Report) -> bool:
    """Whether every reference in the metric's filters exists; each that does not is reported (DM2410)."""
    good = True
    for field in fields(conjunction(metric.filter, *_filters(metric))):
        missing, candidates = _missing(field, known)
        if missing:
            hint = did_you_mean(missing, candidates)
            report.error(
                "DM2410",
                f"metric `{metric.name}` filters by `{field.name}`, and there is no `{missing}`; it is left out",
                place.at("filter"),
                hint,
            )
            good = False
    return good


def _missing(field: Field, known: KnownNames) -> tuple[str, frozenset[str]]:
    """The part of a reference that does not exist, with what it could have been; "" where all of it does."""
    parts = [part.lower() for part in field.name.split("__")]
    if field.kind == "metric":
        return ("", known.metrics) if field.name.lower() in known.metrics else (field.name, known.metrics)
    if len(parts) > 1 and parts[-1] in known.grains and parts[-1] not in known.dimensions:
        parts.pop()
    names = known.entities if field.kind == "entity" else known.dimensions
    whole = "__".join(parts)
    if whole in names:
        return "", names
    if parts[-1] not in names:
        return parts[-1], names
    return next((part for part in (*parts[:-1], *(p.lower() for p in field.path)) if part not in known.entities), ""), known.entities


def _filters(metric: Metric) -> tuple[Expr | None, ...]:
    match metric.params:
        case Simple(input=item) | Cumulative(input=item):
            return (item.filter,)
        case Ratio(numerator=numerator, denominator=denominator):
            return (numerator.filter, denominator.filter)
        case Derived(inputs=inputs):
            return tuple(item.filter for item in inputs)
        case Conversion(base=base, conversion=conversion):
            return (base.filter, conversion.filter)
