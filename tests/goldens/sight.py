"""Which rows count for a measure, and what each is called: filters, the range, and the moments from which a row is looked at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from app.model import expr as x
from app.model.metrics import MeasureInput
from app.model.query import GroupBy, SemanticQuery, TimeRange
from app.model.semantics import Measure, SemanticModel
from app.model.types import Grain
from app.sql.expressions.walk import columns, fields
from tests.goldens.evaluate import evaluate, moment, start
from tests.goldens.moments import Clock, Moments, Offset, Span
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


@dataclass(frozen=True)
class Sight:
    """One query over the rows. `default` is what `metric_time` without a grain means in it; `by_items` computes the metric of a filter."""

    names: Names
    moments: Moments
    query: SemanticQuery
    default: Grain
    by_items: Callable[[x.Field], Groups]

    def seen(self, leaf: Leaf, conditions: tuple[x.Expr, ...]) -> list[Seen]:
        """The rows that count, each once for every moment from which it is looked at."""
        unit, whole = self.unit(leaf), self.whole(leaf)
        found = []
        for row in self.names.rows[leaf.model.model]:
            own = moment(self.names.own(leaf.model, row, leaf.time))
            if not unit:
                found.append(Seen(row))
                continue
            for clock in self.moments.days_of_periods(whole, unit, leaf.offsets) if whole else self.moments.clocks(unit, leaf.offsets):
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
            return ""  # without time a running total is one number: the total up to the end of the range
        kept = next(d.grain for d in leaf.model.dimensions if d.name == leaf.time) or Grain.DAY
        return self.moments.unit(times, leaf.offsets, leaf.span, leaf.default, kept)

    def whole(self, leaf: Leaf) -> str:
        """The whole months, quarters or years by which offsets move a running total, "" where they move days."""
        times = [*self.timed(leaf), *self.filtered(leaf)]
        if leaf.span is None or leaf.given.join_to_timespine or not leaf.offsets or any(o.window is None for o in leaf.offsets):
            return ""
        asked = [t.grain for t in times if t.grain]
        windows = [o.window.grain for o in leaf.offsets if o.window is not None]
        if not asked or any(t.date_part for t in times) or any(g in self.names.custom for g in (*asked, *windows)):
            return ""
        unit = min((*asked, *windows), key=lambda g: Grain(g).order)
        average = leaf.stands == "average" and unit not in {i.grain for i in self.timed(leaf)}
        return unit if unit in ("month", "quarter", "year") and unit != self.unit(leaf) and not average else ""

    def passes(self, leaf: Leaf, seen: Seen, conditions: tuple[x.Expr, ...]) -> bool:
        """Whether a row is within the filters, and the range of the query."""
        tests = [(c, leaf.default) for c in conditions]
        if self.query.where is not None:
            tests.append((self.query.where, self.default))
        if not all(evaluate(test, lambda f, g=grain: self.cell(leaf, seen, self.names.field(f), g)) is True for test, grain in tests):
            return False
        time = self.query.time
        if time is not None and leaf.span is not None and seen.clock is None:
            time = TimeRange(None, time.end, "", None, time.end_clock)
        if not within(time, self.clock(leaf, seen)):
            return False
        if leaf.span is not None and leaf.offsets and seen.clock is not None:
            then, whole = seen.clock.then, self.whole(leaf)
            if not within(self.query.time, start(then, whole) if whole else then):
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
        return None if None in key else self.by_items(field).get(tuple(key))

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


def within(time: TimeRange | None, at: dt.datetime | None) -> bool:
    """Whether a moment lies in the closed range: the last day, or the last microsecond, belongs to it."""
    if time is None or (time.start is None and time.end is None):
        return True
    if at is None or (time.start is not None and at < dt.datetime.combine(time.start, time.start_clock or dt.time.min)):
        return False
    return time.end is None or at <= dt.datetime.combine(time.end, time.end_clock or dt.time.max)


def conjuncts(where: x.Expr | None) -> tuple[x.Expr, ...]:
    """The conditions that must all hold."""
    return tuple(c for arg in where.args for c in conjuncts(arg)) if isinstance(where, x.And) else () if where is None else (where,)
