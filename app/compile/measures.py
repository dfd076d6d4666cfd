"""Measures: those of semantic models, and the ones that metrics carry themselves (dbt ≥ 1.12)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from app.compile.dbt.semantic import AggregationParams, MeasureNode, MetricNode, NonAdditiveNode
from app.compile.dimensions import element_meta
from app.compile.expressions import Expressions
from app.compile.report import Place, Report
from app.errors import did_you_mean
from app.model.expr import Column
from app.model.semantics import Measure, NonAdditive
from app.model.types import Aggregation

_AGGREGATIONS = frozenset(Aggregation)


@dataclass(frozen=True, slots=True)
class Around:
    """What a measure may name of its semantic model: time dimensions, those that were left out, the default one, and entities."""

    times: Collection[str]
    left_out: Collection[str] = ()
    default: str = ""
    entities: Collection[str] = ()

    @property
    def default_is_wrong(self) -> bool:
        """Whether the default names no time dimension: that is reported once, at the semantic model."""
        return bool(self.default) and self.default not in self.times


def build_measure(node: MeasureNode, place: Place, subject: str, around: Around, parse: Expressions) -> Measure | None:
    """A measure; None where its aggregation (DM2305), percentile (DM2306), time dimension (DM2307), choice (DM2308), grouping (DM2311) or `expr`
    is refused, or where it stands on a time dimension that is (DM2407).

    The aggregation stays as written: COUNT is not yet a sum of ones, `sum_boolean` not yet a sum, whether or not dbt has transformed others.
    Without `expr` the measure is over the column of its name. `agg_time_dimension` is its own or the semantic model's default.
    """
    report = parse.report
    agg = node.agg.lower()
    if agg not in _AGGREGATIONS:
        report.error("DM2305", f"{subject} has the unknown aggregation `{node.agg}`", place.at("agg"), "one of " + ", ".join(Aggregation))
        return None
    params = node.agg_params or AggregationParams()
    if agg == Aggregation.PERCENTILE and not (params.percentile is not None and 0 <= params.percentile <= 1):
        report.error(
            "DM2306", f"{subject} is a percentile without a `percentile` from 0 to 1", place.at("agg_params"), "set `agg_params.percentile`"
        )
        return None
    if around.default_is_wrong and not node.agg_time_dimension:
        return None
    time = node.agg_time_dimension or around.default
    if time and not _is_time(time, f"{subject} is aggregated over", around, place.at("agg_time_dimension"), subject, report):
        return None
    non_additive, readable = _non_additive(node.non_additive_dimension, around, place.at("non_additive_dimension"), subject, report)
    expr = Column(node.name) if node.expr is None else parse.expression(node.expr, place.at("expr"), subject)
    meta = element_meta(node.config, subject, place, parse, used=bool(node.create_metric))
    if expr is None or meta is None or not readable:
        return None
    return Measure(
        name=node.name,
        agg=Aggregation(agg),
        expr=expr,
        agg_time_dimension=time,
        percentile=params.percentile,
        discrete=bool(params.use_discrete_percentile),
        approximate=bool(params.use_approximate_percentile),
        non_additive=non_additive,
        description=node.description or "",
        label=node.label or "",
        meta=meta,
    )


def carried_measure(node: MetricNode) -> MeasureNode | None:
    """The measure that a metric carries itself, under the metric's name; None where it uses one of a semantic model."""
    carried = node.type_params.metric_aggregation_params
    if carried is None or node.type_params.measure is not None:
        return None
    return MeasureNode(
        name=node.name,
        agg=carried.agg,
        expr=node.type_params.expr,
        agg_params=carried.agg_params,
        agg_time_dimension=carried.agg_time_dimension,
        non_additive_dimension=carried.non_additive_dimension,
        description=node.description,
        label=node.label,
    )


def _is_time(name: str, said: str, around: Around, place: Place, subject: str, report: Report) -> bool:
    """Whether the name is one of a time dimension; what was left out is only named, for it has a problem of its own."""
    if name in around.times:
        return True
    if name in around.left_out:
        report.note("DM2407", f"{subject} is left out, since its time dimension `{name}` is", place, f"mend `{name}`")
    else:
        hint = did_you_mean(name, around.times) or "name a time dimension of the same semantic model"
        report.error("DM2307", f"{said} `{name}`, which is no time dimension of its semantic model", place, hint)
    return False


def _non_additive(
    node: NonAdditiveNode | None, around: Around, place: Place, subject: str, report: Report
) -> tuple[NonAdditive | None, bool]:
    if node is None:
        return None, True
    choice = (node.window_choice or "min").lower()
    if choice not in ("min", "max"):
        report.error("DM2308", f"{subject} has the unknown window choice `{node.window_choice}`", place.at("window_choice"), "min or max")
        return None, False
    if not _is_time(node.name, f"{subject} is not additive over", around, place.at("name"), subject, report):
        return None, False
    groups = tuple(sorted(node.window_groupings or ()))
    unknown = next((name for name in groups if name not in around.entities), None)
    if unknown is not None:
        hint = did_you_mean(unknown, around.entities) or "name an entity of the same semantic model"
        report.error(
            "DM2311", f"{subject} is windowed by `{unknown}`, which is no entity of its semantic model", place.at("window_groupings"), hint
        )
        return None, False
    return NonAdditive(node.name, choice, groups), True
