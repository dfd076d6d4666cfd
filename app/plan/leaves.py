"""What is aggregated: a Leaf is a measure's home with all that decides over which rows it is computed; measures that share one share a step."""

from __future__ import annotations

from dataclasses import dataclass, field

from app.model.expr import Expr, Field
from app.model.query import GroupBy, TimeRange
from app.model.semantics import Dimension, Measure, NonAdditive
from app.model.types import Grain
from app.plan.rows import as_field
from app.plan.timeline import Ends, Offset, Span
from app.sql.expressions.walk import columns, conjuncts, fields
from app.sql.joins import JoinGraph
from app.sql.joins.graph import METRIC_TIME


@dataclass(frozen=True, slots=True)
class Asked:
    """What a query asks of every leaf: group-by items with their grains settled, its filter and its range of `metric_time`."""

    keys: tuple[GroupBy, ...]
    where: Expr | None = None
    time: TimeRange | None = None


@dataclass(frozen=True, slots=True)
class Leaf:
    """Where and over which rows measures are aggregated.

    `where` is the filter of the metrics above, of the measure and of the query; `offsets` are those of the metrics above, the outermost first; `span`
    is set for a cumulative metric, `period_agg` then says what stands for a period that is longer than `grain`, the metric's own.
    `on_spine` is dbt's `join_to_timespine`; `fill` is `fill_nulls_with` where it counts before the end: in the average of a period's days.
    """

    model: str
    agg_time: str = ""
    where: Expr | None = None
    offsets: tuple[Offset, ...] = ()
    span: Span | None = None
    period_agg: str = ""
    grain: Grain = Grain.DAY
    non_additive: NonAdditive | None = None
    on_spine: bool = False
    fill: int | None = None


@dataclass(slots=True)
class Growing:
    """A leaf with the measures wanted of it so far, by the names of their values. `marked` rows tell that the step has them.

    `name` is that of the step which has the group-by items as keys; the steps before it are named after `stem`.
    """

    leaf: Leaf
    name: str
    stem: str
    wanted: dict[str, Measure] = field(default_factory=dict)
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Making:
    """A step to be made of a leaf: its name, the grain of its timeline ("" for none) or the moments of it that are enough, and the names under which
    the clock is a key beside the group-by items, and 1 tells that there is a row ("" for neither)."""

    name: str
    unit: str
    clock: str = ""
    mark: str = ""
    ends: Ends | None = None


def time_fields(leaf: Leaf, graph: JoinGraph) -> tuple[Field, ...]:
    """The references in the leaf's filter to `metric_time` or to the time dimension behind it."""
    return tuple(field for field in _used(leaf.where, graph) if _of_time(field, leaf, graph))


def only_time(condition: Expr, leaf: Leaf, graph: JoinGraph) -> bool:
    """Whether a condition speaks of the leaf's time alone."""
    used = _used(condition, graph)
    return bool(used) and all(_of_time(field, leaf, graph) for field in used)


def is_separable(leaf: Leaf, graph: JoinGraph) -> bool:
    """Whether no condition of the leaf's filter speaks of time and of something else at once."""
    return all(only_time(condition, leaf, graph) or not any_time(condition, leaf, graph) for condition in conjuncts(leaf.where))


def any_time(condition: Expr, leaf: Leaf, graph: JoinGraph) -> bool:
    """Whether a condition speaks of the leaf's time, perhaps beside other things."""
    return any(_of_time(field, leaf, graph) for field in _used(condition, graph))


def _used(condition: Expr | None, graph: JoinGraph) -> tuple[Field, ...]:
    """The references in a condition."""
    return (*fields(condition), *(as_field(column, graph) for column in columns(condition)))


def _of_time(field: Field, leaf: Leaf, graph: JoinGraph) -> bool:
    """Whether a reference means the leaf's time."""
    return field.kind != "metric" and is_time(field.name, field.path, leaf, graph)


def timed(keys: tuple[GroupBy, ...], leaf: Leaf, graph: JoinGraph) -> tuple[GroupBy, ...]:
    """The group-by items that are `metric_time` or the time dimension behind it."""
    return tuple(key for key in keys if is_time(key.name, key.path, leaf, graph))


def is_time(name: str, path: tuple[str, ...], leaf: Leaf, graph: JoinGraph) -> bool:
    """Whether a name means the leaf's own time."""
    if name == METRIC_TIME and not path:
        return True
    if not leaf.agg_time or not name.endswith(leaf.agg_time):
        return False
    reached = graph.find(leaf.model, name, path)
    return reached is not None and not reached.hops and reached.element.name == leaf.agg_time


def agg_time(leaf: Leaf, graph: JoinGraph) -> Dimension | None:
    """The time dimension that `metric_time` means for the leaf, None where it needs none."""
    found = graph.elements[leaf.model].get(leaf.agg_time)
    return found if isinstance(found, Dimension) else None
