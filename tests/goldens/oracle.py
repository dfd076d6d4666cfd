"""A second, slow way to the same numbers: metric queries computed row by row in Python, by the definitions and with nothing of the planner.

Names are followed entity by entity through the tables (names.py); a metric that looks at time is computed moment by moment over the time spine,
each time over all rows (moments.py); every measure is aggregated under its own filters; metrics are derived for every combination of keys that
any of their facts has. Division is real and by zero gives NULL.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from app.model import expr as x
from app.model.metrics import Conversion, Cumulative, Derived, MeasureInput, MetricInput, Ratio, Simple
from app.model.ontology import Ontology
from app.model.query import GroupBy, SemanticQuery, TimeRange
from app.model.semantics import Measure, SemanticModel
from app.model.types import Grain
from app.sql.expressions.walk import columns, fields
from tests.goldens.business import ONTOLOGY
from tests.goldens.evaluate import aggregate, divide, evaluate, moment, start
from tests.goldens.moments import PART_OF, Clock, Moments, Offset, Span
from tests.goldens.names import Key, Names, Row

Groups = dict[Key, Any]


class Seen(NamedTuple):
    """A row, and the moment from which it is looked at where the metric looks at time."""

    row: Row
    clock: Clock | None = None


@dataclass(frozen=True)
class Leaf:
    """A measure under the filters of its metrics and the query's, with what says when its rows count. `default` is the metric's own grain."""

    given: MeasureInput
    model: SemanticModel
    measure: Measure
    time: str
    filters: tuple[x.Expr, ...]
    default: Grain
    offsets: tuple[Offset, ...] = ()
    span: Span | None = None
    stands: str = ""


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
        query_grain = max((self._default(m) for m in query.metrics), key=lambda g: g.order)
        asked = Asked(self, query, query_grain)
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

    def _default(self, name: str) -> Grain:
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
    """One query under way."""

    def __init__(self, oracle: Oracle, query: SemanticQuery, default: Grain) -> None:
        self.oracle, self.names, self.moments = oracle, oracle.names, oracle.moments
        self.query, self.default = query, default

    # --- metrics

    def metric(self, name: str, filters: tuple[x.Expr, ...], offsets: tuple[Offset, ...]) -> Plan:
        """A metric under the filters and offsets of those above it, the outermost first."""
        metric = self.oracle.ontology.metric(name)
        assert metric is not None
        filters = (*filters, metric.filter) if metric.filter is not None else filters
        grain = self.oracle._default(name)
        match metric.params:
            case Simple(input=given):
                return _filled(self.spread(self.leaf(given, filters, grain, offsets)), given)
            case Cumulative(input=given, window=window, grain_to_date=to_date, period_agg=stands):
                leaf = replace(self.leaf(given, filters, grain, offsets), span=Span(window, to_date), stands=stands)
                return _filled(self.spread(leaf), given)
            case Conversion(base=base, conversion=made, calculation=calculation):
                leaf = self.leaf(base, filters, grain, offsets)
                counted = _filled(self.converted(leaf, metric.params), made)
                if calculation == "conversions":
                    return counted
                events = _filled(self.spread(leaf), base)
                return Plan(lambda key: divide(counted.value(key), events.value(key)), (*counted.leaves, *events.leaves))
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
        model = self.names.model(given.semantic_model)
        measure = next(m for m in model.measures if m.name == given.measure)
        filters = (*filters, given.filter) if given.filter is not None else filters
        return Leaf(given, model, measure, measure.agg_time_dimension or model.agg_time_dimension, filters, grain, offsets)

    # --- rows

    def seen(self, leaf: Leaf, conditions: tuple[x.Expr, ...]) -> list[Seen]:
        """The rows that count, each once for every moment from which it is looked at."""
        unit = self.unit(leaf)
        found = []
        for row in self.names.rows[leaf.model.model]:
            own = moment(self.names.own(leaf.model, row, leaf.time))
            if not unit:
                found.append(Seen(row))
                continue
            for clock in self.moments.clocks(unit, leaf.offsets):
                if own is None:
                    continue
                if clock.period:
                    counts = self.names.period(own.date(), unit) == clock.then_period
                elif leaf.span is None:
                    counts = start(own, unit) == clock.then
                else:
                    counts = self.moments.within(start(own, unit), clock.then, leaf.span)
                if counts:
                    found.append(Seen(row, clock))
        return [seen for seen in found if self.passes(leaf, seen, conditions)]

    def unit(self, leaf: Leaf) -> str:
        """The periods of the leaf's timeline, "" where it needs none."""
        times = [*self.timed(leaf), *self.filtered(leaf)]
        if not leaf.offsets and not (leaf.span is not None and times):
            return ""
        kept = next(d.grain for d in leaf.model.dimensions if d.name == leaf.time) or Grain.DAY
        return self.moments.unit(times, leaf.offsets, leaf.span, leaf.default, kept)

    def passes(self, leaf: Leaf, seen: Seen, conditions: tuple[x.Expr, ...]) -> bool:
        """Whether a row is within the filters, and the range of the query."""
        tests = [(c, leaf.default) for c in conditions]
        if self.query.where is not None:
            tests.append((self.query.where, self.default))
        if not all(evaluate(test, lambda f, g=grain: self.cell(leaf, seen, self.names.field(f), g)) is True for test, grain in tests):
            return False
        if not within(self.query.time, self.clock(leaf, seen)):
            return False
        if leaf.span is not None and leaf.offsets and seen.clock is not None and not within(self.query.time, seen.clock.then):
            return False
        return self.stands_for_its_period(leaf, seen)

    def stands_for_its_period(self, leaf: Leaf, seen: Seen) -> bool:
        """What a metric was at the start of a grain is a matter of days: of a longer period its first day tells."""
        if seen.clock is None or leaf.span is not None or not any(o.to_grain for o in leaf.offsets):
            return True
        asked = [i.grain for i in self.timed(leaf) if i.grain in set(Grain) and not i.date_part]
        unit = self.unit(leaf)
        if unit in self.names.custom or not asked or any(Grain(g).order <= Grain(unit).order for g in asked):
            return True
        return any(start(seen.clock.now, g) == seen.clock.now for g in asked)

    def clock(self, leaf: Leaf, seen: Seen) -> Any:
        """What `metric_time` is for a row: the moment from which it is looked at, or its own time."""
        return seen.clock.now if seen.clock is not None else moment(self.names.own(leaf.model, seen.row, leaf.time))

    def cell(self, leaf: Leaf, seen: Seen, field: x.Field, default: Grain) -> Any:
        """What a reference means for a row."""
        if field.kind == "metric":
            return self.of_metric(leaf, seen, field)
        if self.is_time(leaf, field):
            if seen.clock is not None and seen.clock.period and seen.clock.period and field.grain in self.names.custom:
                return seen.clock.period
            finest = default if field.name == "metric_time" else self.kept(leaf)
            return self.names.graded(self.clock(leaf, seen), field, finest)
        return self.names.value(leaf.model, seen.row, field, leaf.time)

    def of_metric(self, leaf: Leaf, seen: Seen, field: x.Field) -> Any:
        """The metric of a filter for the entities of a row."""
        key = []
        for item in field.group_by:
            try:
                key.append(self.names.value(leaf.model, seen.row, x.Field(item), leaf.time))
            except AssertionError:
                key.append(self.names.value(leaf.model, seen.row, x.Field(item.rpartition("__")[2]), leaf.time))
        return None if None in key else self.oracle.by_items(field).get(tuple(key))

    def is_time(self, leaf: Leaf, item: GroupBy | x.Field) -> bool:
        """Whether an item is `metric_time`, or the time dimension behind it."""
        if item.name == "metric_time":
            return True
        if not item.name.endswith(leaf.time) or getattr(item, "kind", "") == "metric":
            return False
        place = self.names.place(leaf.model, x.Field(item.name, path=item.path))
        return not place.links and place.element.name == leaf.time

    def kept(self, leaf: Leaf) -> Grain:
        """The grain of the leaf's own time."""
        return next(d.grain for d in leaf.model.dimensions if d.name == leaf.time) or Grain.DAY

    def timed(self, leaf: Leaf) -> list[GroupBy]:
        """The group-by items that are the leaf's time."""
        return [item for item in self.query.group_by if self.is_time(leaf, item)]

    def filtered(self, leaf: Leaf) -> list[x.Field]:
        """The references to the leaf's time in its filters, with their grains."""
        tests = [(c, leaf.default) for c in (*leaf.filters, *([leaf.given.filter] if leaf.given.filter is not None else []))]
        tests += [(self.query.where, self.default)] if self.query.where is not None else []
        found = [(self.names.field(f), grain) for test, grain in tests for f in (*fields(test), *columns(test))]
        return [
            x.Field(f.name, grain=f.grain or ("" if f.date_part or f.name != "metric_time" else grain.value), date_part=f.date_part)
            for f, grain in found
            if f.kind != "metric" and self.is_time(leaf, f)
        ]

    def key(self, leaf: Leaf, seen: Seen) -> Key:
        """A row's values of the group-by items."""
        items = (x.Field(i.name, "", i.path, i.grain, i.date_part) for i in self.query.group_by)
        return tuple(self.cell(leaf, seen, item, self.default) for item in items)

    # --- groups

    def groups(self, leaf: Leaf) -> Groups:
        """The measure by key."""
        seen = self.last_records(leaf, self.seen(leaf, leaf.filters))
        unit = self.unit(leaf)
        series = leaf.span is not None and unit and unit not in {i.grain for i in self.timed(leaf) if not i.date_part}
        if not series:
            held: dict[Key, list[Any]] = {} if self.query.group_by else {(): []}
            for one in seen:
                held.setdefault(self.key(leaf, one), []).append(self.measured(leaf, one))
            return {key: aggregate(leaf.measure, values) for key, values in held.items()}
        by_moment: dict[Key, dict[dt.datetime, list[Any]]] = {} if self.query.group_by else {(): {}}
        for one in seen:
            assert one.clock is not None
            by_moment.setdefault(self.key(leaf, one), {}).setdefault(one.clock.now, []).append(self.measured(leaf, one))
        totals = {k: [aggregate(leaf.measure, held[now]) for now in sorted(held)] for k, held in by_moment.items()}
        return {key: summary(values, leaf.stands) for key, values in totals.items()}

    def measured(self, leaf: Leaf, seen: Seen) -> Any:
        """What of a row is aggregated."""
        return evaluate(leaf.measure.expr, lambda c: seen.row[c.name])

    def last_records(self, leaf: Leaf, seen: list[Seen]) -> list[Seen]:
        """Of a measure that does not add up over time the first or last records, by its groups and the periods asked for."""
        rule = leaf.measure.non_additive
        if rule is None:
            return seen
        grain = next(d.grain for d in leaf.model.dimensions if d.name == rule.dimension) or Grain.DAY

        def taken(one: Seen) -> Any:
            value = moment(self.names.own(leaf.model, one.row, rule.dimension))
            return None if value is None else start(value, grain)

        def group(one: Seen) -> Key:
            periods = (x.Field(i.name, "", i.path, i.grain, i.date_part) for i in self.timed(leaf))
            named = (x.Field(name, "entity") for name in rule.groups)
            return tuple(self.cell(leaf, one, item, self.default) for item in (*named, *periods))

        times: dict[Key, list[Any]] = {}
        for one in seen:
            if taken(one) is not None:
                times.setdefault(group(one), []).append(taken(one))
        pick = {"max": max, "min": min}[rule.choice]
        return [one for one in seen if group(one) in times and taken(one) == pick(times[group(one)])]

    # --- every period has a row

    def spread(self, leaf: Leaf) -> Groups:
        """The measure by key; where the metric joins the time spine, every period that is asked for has a row."""
        return self.on_spine(leaf, self.groups(leaf)) if leaf.given.join_to_timespine else self.groups(leaf)

    def on_spine(self, leaf: Leaf, found: Groups) -> Groups:
        """`found` with a row for every period of the spine; without time in the group-by nothing is added."""
        items = self.timed(leaf)
        if not items:
            return found
        mine = [n for n, item in enumerate(self.query.group_by) if item in items]
        parts = [c for c in conjuncts(self.query.where) if self.only_time(leaf, c)]
        wanted = [*items, *(self.names.field(f) for c in parts for f in (*fields(c), *columns(c)))]
        grains = [self.moments.base(t.grain) for t in wanted if t.grain]
        grains += [PART_OF.get(t.date_part, "day") for t in wanted if t.date_part]
        default = leaf.default if leaf.span is not None or leaf.offsets else Grain.DAY
        unit = min((default.value, *grains), key=lambda g: Grain(g).order)
        result: Groups = {}
        for now in self.moments.of(unit):

            def cell(f: Any, now: dt.datetime = now) -> Any:
                f = self.names.field(f)
                return self.names.graded(now, f, self.default if f.name == "metric_time" else self.kept(leaf))

            if not (within(self.query.time, now) and all(evaluate(c, cell) is True for c in parts)):
                continue
            period = [cell(x.Field(i.name, "", i.path, i.grain, i.date_part)) for i in items]
            same = {key: value for key, value in found.items() if [key[n] for n in mine] == period}
            empty = [None] * len(self.query.group_by)
            for n, value in zip(mine, period, strict=True):
                empty[n] = value
            result.update(same or {tuple(empty): None})
        return {key: value for key, value in result.items() if self.again(leaf, key)}

    def again(self, leaf: Leaf, key: Key) -> bool:
        """Whether a row of the spine passes what the query's filter says of its group-by items."""
        cells = {(i.name, i.path, i.grain, i.date_part): v for i, v in zip(self.query.group_by, key, strict=True)}

        def item(f: Any) -> Any:
            f = self.names.field(f)
            return (f.name, f.path, f.grain, f.date_part)

        for c in conjuncts(self.query.where):
            used = (*fields(c), *columns(c))
            shown = not self.only_time(leaf, c) and all(item(f) in cells for f in used)
            if shown and evaluate(c, lambda f: cells[item(f)]) is not True:
                return False
        return True

    def only_time(self, leaf: Leaf, c: x.Expr) -> bool:
        """Whether a condition speaks of the leaf's time alone."""
        used = [self.names.field(f) for f in (*fields(c), *columns(c))]
        return bool(used) and all(f.kind != "metric" and self.is_time(leaf, f) for f in used)

    # --- conversions

    def converted(self, base: Leaf, params: Conversion) -> Groups:
        """What the conversions come to, each credited to the entity's latest base event before it, by the base event's key."""
        made = self.leaf(params.conversion, (), base.default)
        precision = max(self.kept(base), self.kept(made), key=lambda g: g.order).value
        events = self.seen(base, base.filters)
        held: dict[Key, list[Any]] = {} if self.query.group_by else {(): []}
        for row in self.names.rows[made.model.model]:
            own = Seen(row)
            if not all(
                evaluate(f, lambda f, own=own: self.cell(made, own, self.names.field(f), made.default)) is True for f in made.filters
            ):
                continue
            mine = [e for e in events if self.belongs(base, e.row, made, row, params, precision)]
            if mine:
                latest = max(self.at(base, e.row, precision) for e in mine)
                tied = [self.key(base, e) for e in mine if self.at(base, e.row, precision) == latest]
                credited = min(tied, key=lambda key: [(v is None, v) if v is not None else (True,) for v in key])
                held.setdefault(credited, []).append(self.measured(made, own))
        groups = {key: aggregate(made.measure, values) for key, values in held.items()}
        return self.on_spine(base, groups) if params.conversion.join_to_timespine else groups

    def at(self, leaf: Leaf, row: Row, precision: str) -> Any:
        """When an event happened."""
        own = moment(self.names.own(leaf.model, row, leaf.time))
        return None if own is None else start(own, precision)

    def belongs(self, base: Leaf, event: Row, made: Leaf, row: Row, params: Conversion, precision: str) -> bool:
        """Whether a conversion may be credited to a base event: the same entity and properties, not before it, and within the window."""
        if None in (who := self.names.key(made.model, row, params.entity)) or who != self.names.key(base.model, event, params.entity):
            return False
        for here, there in params.constant_properties:
            left, right = self.names.own(base.model, event, here), self.names.own(made.model, row, there)
            if left is None or left != right:
                return False
        then, at = self.at(base, event, precision), self.at(made, row, precision)
        if then is None or at is None or then > at:
            return False
        return params.window is None or then > self.moments.back(at, params.window)


def _filled(groups: Groups, given: MeasureInput) -> Plan:
    """dbt's `fill_nulls_with`."""
    fill = given.fill_nulls_with
    return Plan(lambda key: fill if groups.get(key) is None else groups[key], (groups,))


def within(time: TimeRange | None, at: dt.datetime | None) -> bool:
    """Whether a moment lies in the closed range: the last day, or the last microsecond, belongs to it."""
    if time is None or (time.start is None and time.end is None):
        return True
    if at is None or (time.start is not None and at < dt.datetime.combine(time.start, time.start_clock or dt.time.min)):
        return False
    return time.end is None or at <= dt.datetime.combine(time.end, time.end_clock or dt.time.max)


def summary(values: list[Any], stands: str) -> Any:
    """What stands for a longer period: the last value, the first, or the average of those that are not NULL."""
    if stands != "average":
        return (values[0] if stands == "first" else values[-1]) if values else None
    known = [float(v) for v in values if v is not None]
    return sum(known) / len(known) if known else None


def conjuncts(where: x.Expr | None) -> tuple[x.Expr, ...]:
    """The conditions that must all hold."""
    return () if where is None else where.args if isinstance(where, x.And) else (where,)
