"""What a draft asks beyond values by group: comparisons, shares, running values, the first of each group, totals."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from app.language.draft import Draft
from app.model.expr import Binary, Expr, Field, Literal
from app.model.metrics import Window
from app.model.periods import first_day
from app.model.query import GroupBy, SemanticQuery, TimeRange
from app.model.shapes import Calculation, Compared, MetricValue, Moving, Running, Shape, Share, Show, Top, Totals
from app.model.types import DataType, Grain
from app.sql.calculations import default_name


def calculated(draft: Draft, metrics: Sequence[str], by: Sequence[GroupBy], within: Sequence[str] = ()) -> tuple[Calculation, ...]:
    """The columns that the draft asks for besides those metrics; shares are parts of the groups that the items `within` make."""
    found: list[Shape] = []
    for name in metrics:
        value = MetricValue(name)
        if draft.compared is not None:
            found += [Compared(value, draft.compared.back, show) for show in Show]
        if draft.share is not None:
            found.append(Share(value, tuple(within) or _within(by)))
        if draft.running:
            found.append(Running(value))
        if draft.moving is not None:
            moved = draft.moving
            found.append(Moving(value, moved.count) if moved.average else Running(value, Window(moved.count, moved.grain.value)))
    return tuple(Calculation(default_name(shape), shape) for shape in dict.fromkeys(found))


def bound_name(of: str, percent: bool, metric: str, calculations: Sequence[Calculation]) -> str:
    """The column that a bound is about: the metric's change, its share, else the metric itself."""
    for one in calculations:
        shape = one.shape
        show = Show.PERCENT if percent else Show.DIFFERENCE
        if isinstance(shape, Compared) and of == "change" and shape.of == MetricValue(metric) and shape.show is show:
            return one.name
        if isinstance(shape, Share) and of == "share" and shape.of == MetricValue(metric):
            return one.name
    return metric


def only_moved(draft: Draft, metric: str, calculations: Sequence[Calculation]) -> Expr | None:
    """`Which products declined`: those whose value did."""
    if not draft.which or draft.rank or draft.having or draft.change not in ("up", "down"):
        return None
    name = bound_name("change", False, metric, calculations)
    return Binary(">" if draft.change == "up" else "<", Field(name, "metric"), Literal(0, DataType.INTEGER)) if name != metric else None


def ranked_by(draft: Draft, metric: str, calculations: Sequence[Calculation]) -> str:
    """What groups are ranked by: the change where that is asked about, in percent where it is said so; else the metric."""
    if draft.change:
        return bound_name("change", draft.change == "percent", metric, calculations)
    return metric


def topped(query: SemanticQuery, draft: Draft, by: str, ranked: Sequence[str]) -> SemanticQuery:
    """The query with only the first groups: `ranked` are the columns that are chosen among, the other group-by items those for each of which."""
    columns = [item.column for item in query.group_by]
    per = tuple(column for column in columns if column not in ranked)
    least = (draft.rank == "asc") is not (draft.change == "down")
    top = Top(draft.limit or 1, by, of=tuple(ranked) if per else (), per=per, least=least)
    return msgspec.structs.replace(query, top=top, limit=None, order_by=())


def averaged(query: SemanticQuery, draft: Draft) -> SemanticQuery:
    """The query of the average by period: at the last of them, the moving average over all."""
    if draft.averaged is None:
        return query
    grain, span, count = draft.averaged.grain, draft.averaged.span, draft.averaged.count
    last = TimeRange(span.end and first_day(span.end, grain), span.end, span.phrase)
    shapes = [Moving(MetricValue(name), count) for name in query.metrics]
    return msgspec.structs.replace(
        query,
        metrics=(),
        group_by=(*query.group_by, GroupBy("metric_time", grain.value)),
        time=last,
        calculations=tuple(Calculation(default_name(shape), shape) for shape in shapes),
        order_by=(),
    )


def with_totals(query: SemanticQuery, draft: Draft) -> SemanticQuery:
    """The query with a row of the total, where one is asked for."""
    return msgspec.structs.replace(query, totals=Totals.GRAND) if draft.totals and query.group_by else query


def time_grain(draft: Draft, short: bool) -> Grain | None:
    """The grain to group by where the words need a time to go along, and name none."""
    if draft.moving is not None:
        return draft.moving.grain
    if draft.compared is not None and draft.compared.span is None and draft.back is not None:
        return Grain(draft.back.grain)
    if draft.trend or draft.running:
        return Grain.DAY if short else Grain.MONTH
    return None


def _within(by: Sequence[GroupBy]) -> tuple[str, ...]:
    """The items of whose groups a share is one: times, where it is asked for by something else as well."""
    times = [item.column for item in by if item.name == "metric_time"]
    return tuple(times) if len(times) < len(by) else ()
