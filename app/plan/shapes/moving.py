"""Averages over the last periods: by the calendar, whatever rows there are; a period without a value does not count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.model.expr import Binary, Call, Column, Expr, IsNull, Literal
from app.model.metrics import Cumulative, Simple
from app.model.plan import Combine, Named, Windowed
from app.model.query import GroupBy
from app.model.shapes import MetricValue, Moving, Shape
from app.model.types import DataType, Grain
from app.plan.draft import Draft
from app.plan.fills import filled
from app.plan.shapes.back import finest, time_keys
from app.plan.shapes.problems import needs_time, no_meaning
from app.plan.shapes.table import Table, reopened, select
from app.sql.joins import JoinGraph

_FIRST = Literal("2001-01-01", DataType.DATE)  # a Monday
_CALENDAR = frozenset({Grain.MONTH, Grain.QUARTER, Grain.YEAR})


@dataclass(frozen=True, slots=True)
class MovingKey:
    """The group-by item by whose periods is counted."""

    column: str
    grain: Grain


def moving_key(metric: str, keys: Sequence[GroupBy], graph: JoinGraph) -> MovingKey:
    """By which periods values move. Raises UserError DM3133 where the query is not grouped by time, DM3132 by what can't be counted."""
    times = time_keys(metric, keys, graph)
    if not times:
        raise needs_time("a moving average needs time among the group-by items", "such as `metric_time__day`")
    if any(key.date_part for key in times):
        raise no_meaning("parts of dates do not follow one another", "group by a grain of time")
    key = finest(times, graph.custom_grains)
    if key.grain in graph.custom_grains:
        raise no_meaning(f"moving averages are counted in standard periods, not {key.grain}s", "group by `metric_time__day`")
    grains = {Grain(one.grain) for one in times if one.grain not in graph.custom_grains}
    if len(grains) != len(times) or (Grain.WEEK in grains and grains & _CALENDAR):
        raise no_meaning("weeks and longer periods overlap: neither follows the other", "group by one of them")
    return MovingKey(key.column, Grain(key.grain))


@dataclass(frozen=True, slots=True)
class Pending:
    """Values by period of which averages are wanted: their table, by which of its keys is counted, and which of them are times. `fill` is what the metric is
    in a period without rows; `own` says that it is by all items of the rows that are shown."""

    made: Table
    shape: Moving
    key: MovingKey
    times: tuple[str, ...]
    fill: int | None
    own: bool


def fill_of(shape: Shape, graph: JoinGraph) -> int | None:
    """What a metric is where it has no rows, None for anything else."""
    params = graph.metric(shape.name).params if isinstance(shape, MetricValue) else None
    return params.input.fill_nulls_with if isinstance(params, Simple | Cumulative) else None


def with_rows(draft: Draft, pending: Pending, rows: Table) -> Pending:
    """The values with the rows that are shown beside them: what another metric has a row for is a period of this one too."""
    if not pending.own:
        return pending
    (name, column), *_ = pending.made.columns.items()
    value = filled(Column(column, pending.made.step), pending.fill)
    keys = tuple(Named(key, Column(key), draft.type_of(pending.made.step, key)) for key in pending.made.keys)
    kind = draft.type_of(pending.made.step, column)
    step = draft.add(Combine(draft.name("all_periods"), (pending.made.step, rows.step), keys, (Named(name, value, kind),)))
    return replace(pending, made=Table(step, pending.made.keys, {name: name}))


def averaged(draft: Draft, pending: Pending) -> Table:
    """The table with each value in place of those of the last periods."""
    made, shape, key, times = pending.made, pending.shape, pending.key, pending.times
    scans, alias, exprs = reopened(draft, made)
    (name, value), *_ = exprs.items()
    period = scans.column(alias, key.column)
    number = Call("date_diff", (Literal(key.grain.value, DataType.TEXT), _FIRST, period))
    order = ((Call("coalesce", (number, Literal(0, DataType.INTEGER))), False),)
    by: tuple[Expr, ...] = tuple(scans.column(alias, column) for column in made.keys if column not in times)
    by = (*by, IsNull(period))  # what has no period stands alone
    kind = scans.type_of(scans.column(alias, made.columns[name]))
    functions = ("sum", "count") if shape.function == "average" else (shape.function,)
    types = {"count": DataType.INTEGER}
    windows = [Windowed(f"{name}_{one}", one, by, value, order, types.get(one, kind), shape.periods - 1) for one in functions]
    over = select(draft, scans, "last_periods", made, alias, {}, windows=windows)
    if len(windows) == 1:
        return Table(over.step, over.keys, {name: windows[0].name})
    again, alias, found = reopened(draft, over)
    return select(draft, again, "moving_average", over, alias, {name: Binary("/", *(found[window.name] for window in windows))})
