"""What a query asks of its metrics beyond their values: comparisons, shares, running values, ranks, the first groups, totals.

A calculation is a tree over metrics: each node means the same whatever stands below it, so `share(previous(revenue, 1 year))` is last year's share. What
each means, and which combinations have none, is in docs/shapes.md.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

from app.model.base import Node
from app.model.metrics import Window

MOST_PERIODS = 10_000
"""How many periods a moving value holds, and how far back one looks in a grain that has no limit of its own."""


class MetricValue(Node, frozen=True, tag_field="node", tag="metric"):
    """A metric by its name."""

    name: str


class Show(StrEnum):
    """What a comparison shows: the earlier value itself, the difference to it, or the difference as a fraction of it."""

    VALUE = "previous"
    DIFFERENCE = "change"
    PERCENT = "percent_change"


class Compared(Node, frozen=True, tag_field="node", tag="compared"):
    """What was a while ago: `back` before each period, or before the query's range where it is not grouped by time.

    Without `back` it is the period before: one of the grain by which the query is grouped, or the range's own length. With `same_weekday` it is as many
    whole weeks as come nearest, so that a Monday meets a Monday.
    """

    of: Shape
    back: Window | None = None
    show: Show = Show.VALUE
    same_weekday: bool = False


class Share(Node, frozen=True, tag_field="node", tag="share"):
    """The part of the total, from 0 to 1: of all that the query's filters let through, or of the group that the items `within` make."""

    of: Shape
    within: tuple[str, ...] = ()


class Running(Node, frozen=True, tag_field="node", tag="running"):
    """The metric over all rows up to the end of each period: of the query's range, of a window that ends there, or since the start of a grain."""

    of: Shape
    window: Window | None = None
    grain_to_date: str = ""


class Moving(Node, frozen=True, tag_field="node", tag="moving"):
    """The average (or `min`, `max`) of the values of the last `periods` periods of the grain by which the query is grouped, this one among them."""

    of: Shape
    periods: int
    function: str = "average"


class Rank(Node, frozen=True, tag_field="node", tag="rank"):
    """The place among the rows (of the group that the items `within` make), 1 for the greatest; equal values share the better place."""

    of: Shape
    within: tuple[str, ...] = ()
    ascending: bool = False


Shape: TypeAlias = MetricValue | Compared | Share | Running | Moving | Rank


class Calculation(Node, frozen=True):
    """A column of the result."""

    name: str
    shape: Shape


class Top(Node, frozen=True):
    """Only the `count` groups with the greatest `by` (a metric or calculation), or with the least.

    `of` are the group-by items that make a group, all that are not times where none is named; `per` are those for each of whose combinations groups
    are chosen anew. With `other`, what is left makes one more group, computed from its own rows.
    """

    count: int
    by: str = ""
    of: tuple[str, ...] = ()
    per: tuple[str, ...] = ()
    least: bool = False
    other: bool = False


class Totals(StrEnum):
    """Which rows are added that stand for many: none, the total of all, or besides subtotals for each leading part of the group-by items."""

    NONE = ""
    GRAND = "grand"
    ALL = "all"


class Grouping(StrEnum):
    """What a group-by item of a row stands for: one value, the groups that are not among the first, or all of them."""

    VALUE = "value"
    OTHER = "other"
    TOTAL = "total"


GROUPING = "__grouping"
"""The end of the name of the column that tells a Grouping, after the item's."""


def below(shape: Shape) -> Shape | None:
    """What a calculation is of, None for a metric."""
    return None if isinstance(shape, MetricValue) else shape.of


def metric_of(shape: Shape) -> str:
    """The name of the metric at the bottom of a calculation."""
    while not isinstance(shape, MetricValue):
        shape = shape.of
    return shape.name
