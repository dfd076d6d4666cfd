"""SemanticQuery: what is asked, in the terms of the layer.

One order of meaning: where → aggregate → fill → derive → compare and share → having → rank and top → totals → order → limit.
"""

from __future__ import annotations

import datetime as dt

from app.model.base import Node
from app.model.expr import Expr
from app.model.shapes import Calculation, Top, Totals, metric_of
from app.model.types import DatePart


class GroupBy(Node, frozen=True):
    """One group-by item. `name` is the dunder name without grain (`customer__country`, `metric_time`); `grain` is a standard or custom one, "" for the finest;
    `path` is the chain of entity links to follow where the short name is not enough."""

    name: str
    grain: str = ""
    date_part: DatePart | None = None
    path: tuple[str, ...] = ()

    @property
    def column(self) -> str:
        """The result column's name, as MetricFlow has it: `metric_time__month`, `order__ordered_at__extract_dow`."""
        stem = "__".join((*self.path, self.name))
        if self.date_part:
            return f"{stem}__extract_{self.date_part}"
        return f"{stem}__{self.grain}" if self.grain else stem


class OrderBy(Node, frozen=True):
    """One order item: a metric or the column name of a group-by item. Nulls come last, ascending or descending."""

    name: str
    descending: bool = False


class TimeRange(Node, frozen=True):
    """A closed range on `metric_time`: both ends belong to it; None is open. `phrase` is what the person said for it.

    The range is one of days unless clock times are given: `start_clock` begins it within its first day, `end_clock` ends it within its last one
    (to the microsecond, which still belongs to it). A clock time without its date means nothing.
    """

    start: dt.date | None = None
    end: dt.date | None = None
    phrase: str = ""
    start_clock: dt.time | None = None
    end_clock: dt.time | None = None

    @property
    def bounded(self) -> bool:
        """Whether it excludes anything."""
        return self.start is not None or self.end is not None


class SemanticQuery(Node, frozen=True):
    """A metric query. Without metrics it asks for the distinct values of the group-by items.

    `where` filters rows before aggregation (its Fields are dimensions, entities and metrics); `having` filters result rows by metric;
    `saved_query` names one to start from. Two switches belong to queries without metrics: `min_max_only` asks for the least and the greatest value of
    each group-by item (columns `<item>__min` and `<item>__max`), and without `apply_group_by` values repeat as the rows have them.

    `calculations` are further columns; `top` and `totals` say which rows there are. `segments` are named filters. `drill_down` and `roll_up` name group-by items to
    be followed by the next finer level of their hierarchy, or replaced by the next coarser one. With `to_date` each period of that grain
    counts only as far as the one in which `as_of` lies has come by then.
    """

    metrics: tuple[str, ...] = ()
    group_by: tuple[GroupBy, ...] = ()
    where: Expr | None = None
    time: TimeRange | None = None
    having: Expr | None = None
    order_by: tuple[OrderBy, ...] = ()
    limit: int | None = None
    saved_query: str = ""
    min_max_only: bool = False
    apply_group_by: bool = True
    calculations: tuple[Calculation, ...] = ()
    top: Top | None = None
    totals: Totals = Totals.NONE
    segments: tuple[str, ...] = ()
    drill_down: tuple[str, ...] = ()
    roll_up: tuple[str, ...] = ()
    to_date: str = ""
    as_of: dt.date | None = None

    @property
    def is_shaped(self) -> bool:
        """Whether more is asked than values of metrics by group."""
        return bool(self.calculations or self.top or self.totals or self.to_date)

    @property
    def asked_metrics(self) -> tuple[str, ...]:
        """The metrics that are shown or calculated with, each once; what filters and orders name is not among them."""
        by = (self.top.by,) if self.top is not None and self.top.by else ()
        named = {calculation.name for calculation in self.calculations}
        return tuple(
            dict.fromkeys((*self.metrics, *(metric_of(c.shape) for c in self.calculations), *(name for name in by if name not in named)))
        )
