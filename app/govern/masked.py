"""Masked values in metric queries: they are shown, and never counted with.

To group by a masked column, to list it or to filter by it shows no more than the mask, and the totals stay right. What a number is made of is another
matter: rows joined by keys that a mask has made equal multiply what is added up, and a sum, a metric's own filter, a time or a window over
masked values is some number and not the metric. Such a query is refused, as one of denied columns is. Some masks leave what counts: `hash` keeps equal values
equal and different ones apart, `partial`, `redact` and `truncate` keep NULL apart from values (`bucket` does not: no range holds NaN).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from app.errors import Problem, UserError
from app.govern.access import Access
from app.model.expr import Binary, Column, Expr, Field
from app.model.metrics import Metric, filters, measure_inputs, metric_inputs
from app.model.ontology import Ontology
from app.model.plan import Aggregate, Combine, LogicalPlan, Scan, Select, Union, scans
from app.model.policy import Mask, MaskKind
from app.model.query import SemanticQuery
from app.model.semantics import Measure, SemanticModel
from app.model.types import Aggregation
from app.sql.expressions.walk import columns, fields

_HINT = "ask an admin for access to the values, or leave this out"
_KEEPS_NULLS = (MaskKind.HASH, MaskKind.PARTIAL, MaskKind.REDACT, MaskKind.TRUNCATE)
Seen = MaskKind | None
"""How a column is masked, None where it is not; what is computed from a masked one counts as `FIXED`: nothing is known of it."""


def check_masked(query: SemanticQuery, plan: LogicalPlan, ontology: Ontology, access: Access) -> None:
    """Pass a plan of which no number stands on masked values. `query` has its saved query written out.

    Raises UserError DM4025.
    """
    if not any(access.of(model).masks for model in plan.models):
        return
    _check_spines(plan, ontology, access)
    _check_joins(plan, access)
    hidden = frozenset(_masked_names(ontology, access))
    for name in _below(_metrics_of(query, ontology), ontology):
        metric = ontology.metric(name)
        if metric is None or not _stands(metric, ontology, access, hidden):
            raise UserError(Problem("DM4025", f"`{name}` can't be computed: it stands on values that are masked for you", hint=_HINT))


def _metrics_of(query: SemanticQuery, ontology: Ontology) -> list[str]:
    """The metrics that the query shows, filters by, or orders by. A plain name may be a metric's or a group-by item's."""
    having: tuple[Field | Column, ...] = (*fields(query.having), *columns(query.having))
    plain = (*(item.name for item in query.order_by), *(named.name for named in having))
    by = (field.name for part in (query.where, query.having) for field in fields(part) if field.kind == "metric")
    return [*query.asked_metrics, *by, *(name for name in plain if ontology.metric(name) is not None)]


def _check_spines(plan: LogicalPlan, ontology: Ontology, access: Access) -> None:
    """Pass time spines that are seen as they are: windows go over their days and periods, and a mask would move them all."""
    spines = {spine.model for spine in ontology.time_spines}
    for scan in (scan for step in plan.steps for scan in scans(step) if scan.model in spines):
        if any(name in access.of(scan.model).masks for name, _ in scan.columns):
            raise UserError(Problem("DM4025", f"the calendar of `{scan.model}` is masked for you", hint=_HINT))


def _check_joins(plan: LogicalPlan, access: Access) -> None:
    """Pass joins whose conditions read no masked column, or compare two digests."""
    made: dict[str, dict[str, Seen]] = {}
    for step in plan.steps:
        seen: dict[str, Seen] = {}
        for part in step.parts if isinstance(step, Union) else (step,):
            sources = {scan.alias: _columns_of(scan, made, access) for scan in scans(part)}
            for join in () if isinstance(part, Combine) else part.rows.joins:
                for condition in join.on:
                    if not _compares(condition, sources):
                        by = f" by `{join.entity}`" if join.entity else ""
                        raise UserError(Problem("DM4025", f"rows can't be joined{by}: the key is masked for you", hint=_HINT))
            for name, expr in _passed_on(part):
                seen[name] = _seen(expr, sources) or seen.get(name)
        made[step.name] = seen


def _columns_of(scan: Scan, made: Mapping[str, Mapping[str, Seen]], access: Access) -> Mapping[str, Seen]:
    """How the columns of a model or an earlier step are seen; those without a mask may be missing."""
    return made[scan.step] if scan.step else {name: mask.kind for name, mask in access.of(scan.model).masks.items()}


def _passed_on(step: Aggregate | Select | Combine) -> Iterator[tuple[str, Expr]]:
    """The columns of a step that are values of what it reads, or computed from them row by row."""
    named = step.keys if isinstance(step, Aggregate) else (*step.keys, *step.columns)
    yield from ((one.name, one.expr) for one in named)
    if isinstance(step, Select):
        yield from ((window.name, window.arg) for window in step.windows if window.arg is not None)


def _seen(expr: Expr, sources: Mapping[str, Mapping[str, Seen]]) -> Seen:
    if isinstance(expr, Column):
        return sources.get(expr.table, {}).get(expr.name)
    return MaskKind.FIXED if any(_seen(column, sources) for column in columns(expr)) else None


def _compares(condition: Expr, sources: Mapping[str, Mapping[str, Seen]]) -> bool:
    if _seen(condition, sources) is None:
        return True
    return (
        isinstance(condition, Binary)
        and condition.op == "="
        and all(isinstance(side, Column) and _seen(side, sources) is MaskKind.HASH for side in (condition.left, condition.right))
    )


def _below(names: Sequence[str], ontology: Ontology) -> tuple[str, ...]:
    """The names of metrics and of all that they stand on, metrics in their filters included, each once; what is not there too, so that it is refused."""
    found = list(dict.fromkeys(names))
    met = set(found)
    for name in found:  # grows while it is walked
        metric = ontology.metric(name)
        if metric is None:
            continue
        by = [field.name for part in filters(metric) for field in fields(part) if field.kind == "metric"]
        below = dict.fromkeys((*(given.metric for given in metric_inputs(metric.params)), *by))
        found += [one for one in below if one not in met]
        met.update(below)
    return tuple(found)


def _stands(metric: Metric, ontology: Ontology, access: Access, hidden: Collection[str]) -> bool:
    """Whether the metric's filters, measures and times read no masked values, or only how many there are; by what they are joined is the plan's.

    What is not found is not known to stand on no masked values.
    """
    if any(_is_hidden(field, hidden) for part in filters(metric) for field in _named(part)):
        return False
    for given in measure_inputs(metric.params):
        model = ontology.semantic_model(given.semantic_model)
        measure = model.measure(given.measure) if model is not None else None
        if model is None or measure is None:
            return False
        masks = access.of(model.model).masks
        if not _counts(measure, masks) or not _placed(measure, model, masks):
            return False
    return True


def _counts(measure: Measure, masks: Mapping[str, Mask]) -> bool:
    """Whether the aggregation is what it would be without masks."""
    if not _reads(measure.expr, masks):
        return True
    if not isinstance(measure.expr, Column):
        return False
    kind = masks[measure.expr.name].kind
    return (measure.agg is Aggregation.COUNT and kind in _KEEPS_NULLS) or (
        measure.agg is Aggregation.COUNT_DISTINCT and kind is MaskKind.HASH
    )


def _placed(measure: Measure, model: SemanticModel, masks: Mapping[str, Mask]) -> bool:
    """Whether the measure's time, and what a semi-additive one tells its records apart by, are seen as they are."""
    rule = measure.non_additive
    names = {model.time_of(measure), *((rule.dimension, *rule.groups) if rule is not None else ())}
    exprs = [one.expr for one in model.dimensions if one.name in names] + [one.expr for one in model.entities if one.name in names]
    return not any(_reads(expr, masks) for expr in exprs)


def _reads(expr: Expr, masks: Mapping[str, Mask]) -> bool:
    return any(column.name in masks for column in columns(expr))


def _masked_names(ontology: Ontology, access: Access) -> Iterator[str]:
    """The names by which filters mean dimensions and entities of masked columns."""
    for model in ontology.semantic_models:
        masks = access.of(model.model).masks
        if masks:
            yield from (model.dunder(one.name) for one in model.dimensions if _reads(one.expr, masks))
            yield from (one.name for one in model.entities if _reads(one.expr, masks))


def _named(condition: Expr) -> Iterator[Field]:
    """The references in a filter; a plain name is one too."""
    yield from fields(condition)
    yield from (Field("__".join(part for part in (column.table, column.name) if part)) for column in columns(condition))


def _is_hidden(field: Field, hidden: Collection[str]) -> bool:
    """Whether a filter's field ends in a name that is hidden: it may be reached over any number of links."""
    name = "__".join((*field.path, field.name))
    parts = name.split("__")
    return field.kind != "metric" and any("__".join(parts[at:]) in hidden for at in range(len(parts)))
