"""Measures by key: aggregated, summed up over time, put on the time spine, and credited as conversions."""

from __future__ import annotations

import datetime as dt
from typing import Any

from app.model import expr as x
from app.model.metrics import Conversion
from app.model.types import Grain
from app.sql.expressions.walk import columns, fields
from tests.goldens.evaluate import aggregate, evaluate, moment, start
from tests.goldens.moments import shared
from tests.goldens.names import Key, Row
from tests.goldens.sight import Groups, Leaf, Seen, Sight, conjuncts, within


class Totals(Sight):
    """One query's measures."""

    def groups(self, leaf: Leaf) -> Groups:
        """The measure by key."""
        seen = self.last_records(leaf, self.seen(leaf, leaf.filters))
        unit = self.unit(leaf)
        if not self.series(leaf):
            held: dict[Key, list[Any]] = {} if self.query.group_by else {(): []}
            for one in seen:
                held.setdefault(self.key(leaf, one), []).append(self.measured(leaf, one))
            return {key: aggregate(leaf.measure, values) for key, values in held.items()}
        by_moment: dict[Key, dict[Any, list[Any]]] = {} if self.query.group_by else {(): {}}
        for one in seen:
            assert one.clock is not None
            at = (one.clock.now, one.clock.then) if self.whole(leaf) else one.clock.now
            by_moment.setdefault(self.key(leaf, one), {}).setdefault(at, []).append(self.measured(leaf, one))
        totals = {(*k, now): aggregate(leaf.measure, values) for k, held in by_moment.items() for now, values in held.items()}
        if leaf.given.join_to_timespine and self.timed(leaf):
            totals = {key: self.fill(leaf, value) for key, value in self.on_spine(leaf, totals, unit).items()}
        listed: dict[Key, list[Any]] = {} if self.query.group_by else {(): []}
        for key in sorted(totals, key=lambda key: key[-1]):
            listed.setdefault(key[:-1], []).append(totals[key])
        stands = leaf.stands if self.timed(leaf) else "last"  # without time it is what it has come to
        return {key: summary(values, stands) if values else aggregate(leaf.measure, []) for key, values in listed.items()}

    @staticmethod
    def fill(leaf: Leaf, value: Any) -> Any:
        """dbt's `fill_nulls_with`."""
        return leaf.given.fill_nulls_with if value is None else value

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
        found = self.groups(leaf)
        return self.on_spine(leaf, found) if leaf.given.join_to_timespine and not self.series(leaf) else found

    def series(self, leaf: Leaf) -> bool:
        """Whether the values of a cumulative metric by shorter periods are needed first, of which one stands for a longer period."""
        unit = self.unit(leaf)
        return leaf.span is not None and bool(unit) and unit not in {i.grain for i in self.timed(leaf) if not i.date_part}

    def on_spine(self, leaf: Leaf, found: Groups, series: str = "") -> Groups:
        """`found` with a row for every period of the spine that the filters on time and the range leave; without time nothing is added.

        With `series` the keys have the moment of a timeline of that grain as well.
        """
        items = self.timed(leaf)
        if not items:
            return found
        mine = [n for n, item in enumerate(self.query.group_by) if item in items]
        tests = [(c, self.default) for c in conjuncts(self.query.where)]
        tests += [(c, leaf.default) for f in leaf.filters for c in conjuncts(f)]
        tests = [(c, grain) for c, grain in tests if self.only_time(leaf, c)]
        wanted = [*items, *(self.names.field(f) for c, _ in tests for f in (*fields(c), *columns(c)))]
        grains = [self.moments.base(t.grain) for t in wanted if t.grain]
        result: Groups = {}
        for now in self.moments.of(series or shared(["day", *grains])):

            def cell(f: Any, grain: Grain, now: dt.datetime = now) -> Any:
                f = self.names.field(f)
                return self.names.graded(now, f, grain if f.name == "metric_time" else self.kept(leaf))

            passes = all(evaluate(c, lambda f, g=grain, cell=cell: cell(f, g)) is True for c, grain in tests)
            if not (passes and within(self.query.time, now)):
                continue
            period = [cell(x.Field(i.name, "", i.path, i.grain, i.date_part), self.default) for i in items]
            clock = [now] if series else []
            same = {
                key: v for key, v in found.items() if [key[n] for n in mine] == period and list(key[len(self.query.group_by) :]) == clock
            }
            empty: list[Any] = [None] * len(self.query.group_by)
            for n, value in zip(mine, period, strict=True):
                empty[n] = value
            result.update(same or {(*empty, *clock): None})
        return {key: value for key, value in result.items() if self.again(leaf, key)}

    def again(self, leaf: Leaf, key: Key) -> bool:
        """Whether a row of the spine passes what the query's filter says of its group-by items."""
        cells = {(i.name, i.path, i.grain, i.date_part): v for i, v in zip(self.query.group_by, key, strict=False)}

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

    def converted(self, base: Leaf, made: Leaf, params: Conversion) -> Groups:
        """What the conversions come to, each credited to the entity's latest base event before it, by the base event's key."""
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


def summary(values: list[Any], stands: str) -> Any:
    """What stands for a longer period: the last value, the first, or the average of those that are not NULL."""
    if stands != "average":
        return (values[0] if stands == "first" else values[-1]) if values else None
    known = [float(v) for v in values if v is not None]
    return sum(known) / len(known) if known else None
