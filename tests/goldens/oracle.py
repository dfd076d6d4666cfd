"""A second, slow way to the same numbers: metric queries computed row by row in Python, by the definitions and with nothing of the planner.

Names are followed entity by entity through the tables (names.py); a metric that looks at time is computed moment by moment over the time spine,
each time over all rows (moments.py, sight.py); every measure is aggregated under its own filters (totals.py); metrics are derived for every
combination of keys that any of their facts has. Division is real and by zero gives NULL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from app.model import expr as x
from app.model.metrics import Conversion, Cumulative, Derived, MeasureInput, MetricInput, Ratio, Simple
from app.model.ontology import Ontology
from app.model.query import GroupBy, SemanticQuery
from app.model.types import Grain
from tests.goldens.business import ONTOLOGY
from tests.goldens.evaluate import divide, evaluate
from tests.goldens.moments import Moments, Offset, Span
from tests.goldens.names import Key, Names, Row
from tests.goldens.sight import Groups, Leaf
from tests.goldens.totals import Totals


class Plan(NamedTuple):
    """A metric's value by key, and the groups of the measures on which it stands."""

    value: Callable[[Key], Any]
    leaves: tuple[Groups, ...]


class Oracle:
    """Answers metric queries over the workshop."""

    def __init__(self, ontology: Ontology = ONTOLOGY) -> None:
        self.ontology = ontology
        self.names = Names(ontology)
        self.moments = Moments(self.names)
        self._metrics: dict[Any, Groups] = {}

    def answer(self, query: SemanticQuery) -> list[Row]:
        """The result's rows, in no order, before `limit`. Grains must be given."""
        query_grain = max((self.default(m) for m in query.metrics), key=lambda g: g.order)
        asked = Asked(self, Totals(self.names, self.moments, query, query_grain, self.by_items))
        plans = {metric: asked.metric(metric, (), ()) for metric in query.metrics}
        keys = dict.fromkeys(key for plan in plans.values() for groups in plan.leaves for key in groups)
        result = []
        for key in keys:
            row = dict(zip([item.column for item in query.group_by], key, strict=True))
            row.update({metric: plan.value(key) for metric, plan in plans.items()})
            if query.having is None or evaluate(query.having, lambda f, row=row: row[f.name]) is True:
                result.append(row)
        return result

    def by_items(self, field: x.Field) -> Groups:
        """The metric of a filter by its items, for all rows that there are."""
        known = self._metrics.get((field.name, field.group_by))
        if known is None:
            items = tuple(GroupBy(name) for name in field.group_by)
            rows = self.answer(SemanticQuery((field.name,), items))
            known = {tuple(row[item.column] for item in items): row[field.name] for row in rows}
            self._metrics[(field.name, field.group_by)] = known
        return known

    def default(self, name: str) -> Grain:
        """A metric's default grain: its own, else the coarsest of its measures' times, at least a day."""
        metric = self.ontology.metric(name)
        assert metric is not None
        if metric.grain is not None:
            return metric.grain
        return max((Grain.DAY, *self._kept(name)), key=lambda g: g.order)

    def _kept(self, name: str) -> Iterator[Grain]:
        """The grains of the times of all measures on which a metric stands; of a conversion metric its base."""
        metric = self.ontology.metric(name)
        assert metric is not None
        match metric.params:
            case Simple(input=given) | Cumulative(input=given) | Conversion(base=given):
                model = self.names.model(given.semantic_model)
                measure = next(m for m in model.measures if m.name == given.measure)
                time = measure.agg_time_dimension or model.agg_time_dimension
                yield next(d.grain for d in model.dimensions if d.name == time) or Grain.DAY
            case Ratio(numerator=top, denominator=bottom):
                yield from (*self._kept(top.metric), *self._kept(bottom.metric))
            case Derived(inputs=inputs):
                for given in inputs:
                    yield from self._kept(given.metric)


class Asked:
    """The metrics of one query."""

    def __init__(self, oracle: Oracle, totals: Totals) -> None:
        self.oracle, self.totals = oracle, totals

    def metric(self, name: str, filters: tuple[x.Expr, ...], offsets: tuple[Offset, ...]) -> Plan:
        """A metric under the filters and offsets of those above it, the outermost first."""
        metric = self.oracle.ontology.metric(name)
        assert metric is not None
        filters = (*filters, metric.filter) if metric.filter is not None else filters
        grain = self.oracle.default(name)
        match metric.params:
            case Simple(input=given):
                return _filled(self.totals.spread(self.leaf(given, filters, grain, offsets)), given)
            case Cumulative(input=given, window=window, grain_to_date=to_date, period_agg=stands):
                leaf = replace(self.leaf(given, filters, grain, offsets), span=Span(window, to_date), stands=stands)
                return _filled(self.totals.spread(leaf), given)
            case Conversion(base=base, conversion=made, calculation=calculation):
                leaf = self.leaf(base, filters, grain, offsets)
                counted = _filled(self.totals.converted(leaf, self.leaf(made, (), leaf.default), metric.params), made)
                events = _filled(self.totals.spread(leaf), base)
                both = (*counted.leaves, *events.leaves)
                if calculation == "conversions":
                    # A fill is for groups of the base events: it says nothing of those that only another metric has.
                    return Plan(lambda key: counted.value(key) if any(key in groups for groups in both) else None, both)
                return Plan(lambda key: divide(counted.value(key), events.value(key)), both)
            case Ratio(numerator=top, denominator=bottom):
                above, below = (self.input(i, filters, offsets) for i in (top, bottom))
                return Plan(lambda key: divide(above.value(key), below.value(key)), (*above.leaves, *below.leaves))
            case Derived(expr=expr, inputs=inputs):
                parts = {i.alias or i.metric: self.input(i, filters, offsets) for i in inputs}
                leaves = tuple(groups for part in parts.values() for groups in part.leaves)

                def value(key: Key) -> Any:
                    if not any(key in groups for groups in leaves):
                        return None  # a metric says nothing of groups that only others have
                    return evaluate(expr, lambda column: parts[column.name].value(key))

                return Plan(value, leaves)

    def input(self, given: MetricInput, filters: tuple[x.Expr, ...], offsets: tuple[Offset, ...]) -> Plan:
        """A metric as another's input."""
        filters = (*filters, given.filter) if given.filter is not None else filters
        if given.offset_window is not None or given.offset_to_grain:
            offsets = (*offsets, Offset(given.offset_window, given.offset_to_grain))
        return self.metric(given.metric, filters, offsets)

    def leaf(self, given: MeasureInput, filters: tuple[x.Expr, ...], grain: Grain, offsets: tuple[Offset, ...] = ()) -> Leaf:
        """A measure of a metric."""
        model = self.oracle.names.model(given.semantic_model)
        measure = next(m for m in model.measures if m.name == given.measure)
        filters = (*filters, given.filter) if given.filter is not None else filters
        return Leaf(given, model, measure, measure.agg_time_dimension or model.agg_time_dimension, filters, grain, offsets)


def _filled(groups: Groups, given: MeasureInput) -> Plan:
    """dbt's `fill_nulls_with`."""
    fill = given.fill_nulls_with
    return Plan(lambda key: fill if groups.get(key) is None else groups[key], (groups,))
