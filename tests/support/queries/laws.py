"""Laws that right numbers obey whatever they are. They find wrong ones on which both engines agree.

Each law draws what it speaks of and asks one engine, drawn too; `data` is Hypothesis' and `ground` the layer.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
from hypothesis import assume
from hypothesis import strategies as st

from app.model.metrics import Conversion, Cumulative, Derived, Metric, Ratio, Simple
from app.service.request import QueryRequest
from app.sql.joins.graph import METRIC_TIME
from tests.support.queries import draw
from tests.support.queries.agree import answered, missing, same
from tests.support.queries.ground import ENGINES, Ground, Table

Key = tuple[Any, ...]
Law = Callable[[Ground, st.DataObject], None]


def parts_add_up_to_the_whole(ground: Ground, data: st.DataObject) -> None:
    """Additive metrics by some items, summed over one of them, are the metrics by the others: no join to one row repeats or loses any."""
    metrics = _metrics(data, ground.additive)
    group_by = data.draw(st.lists(draw.items(ground, ground.items(metrics)), min_size=1, max_size=3, unique=True))
    assume(not any(map(ground.is_time, group_by)))  # a time without its grain may be the same column as one with it
    where = data.draw(draw.filters(ground, ground.items(metrics)))
    kept = group_by[:-1]
    fine = _ask(ground, data, QueryRequest(tuple(metrics), tuple(group_by), where))
    coarse = _ask(ground, data, QueryRequest(tuple(metrics), tuple(kept), where))
    _equal(_summed(fine, _columns(ground, kept), metrics), _summed(coarse, _columns(ground, kept), metrics), (fine, coarse))


def days_add_up_to_longer_periods(ground: Ground, data: st.DataObject) -> None:
    """Additive metrics by day, summed by month (or week, quarter, year), are the metrics by that grain."""
    metrics = _metrics(data, [m for m in ground.additive if "day" in _default_grains(ground, m)])
    grain = data.draw(st.sampled_from(["week", "month", "quarter", "year"]))
    where = data.draw(draw.filters(ground, ground.items(metrics)))
    days = _ask(ground, data, QueryRequest(tuple(metrics), (f"{METRIC_TIME}__day",), where))
    periods = _ask(ground, data, QueryRequest(tuple(metrics), (f"{METRIC_TIME}__{grain}",), where))
    moved = [(_first_day(row[0], grain), *row[1:]) for row in days.rows]
    expected = _summed(Table(periods.columns, moved), periods.columns[:1], metrics)
    _equal(expected, _summed(periods, periods.columns[:1], metrics), (days, periods))


def a_filter_on_a_group_gives_its_row(ground: Ground, data: st.DataObject) -> None:
    """What a row says of a group is what the query says of it that asks for that group alone."""
    metrics = _metrics(data, [m for m in ground.metrics if not _picks_records(ground, m)])
    names = ground.items(metrics)
    item = data.draw(st.sampled_from([*(n for n in names if n in ground.values), METRIC_TIME]))
    reference = f"{{{{ {'Entity' if ground.is_entity(item) else 'Dimension'}('{item}') }}}}"
    if item == METRIC_TIME:
        grain = data.draw(st.sampled_from(["month", "quarter"]))
        item, reference = f"{item}__{grain}", f"{{{{ TimeDimension('{item}', '{grain}') }}}}"
    besides = [f"{METRIC_TIME}__month"] if any(map(ground.needs_time, metrics)) else []
    request = QueryRequest(tuple(metrics), tuple(dict.fromkeys((item, *besides))))
    whole = _ask(ground, data, request)
    first = [row for row in whole.rows if row[0] is not None]
    assume(first)
    value = data.draw(st.sampled_from(first[:40]))[0]
    test = f"{reference} = {draw.literal(value)}"
    alone = _ask(ground, data, msgspec.structs.replace(request, where=(test,)))
    expected = [row for row in whole.rows if same(row[0], value)]
    given = [row for row in alone.rows if same(row[0], value)]  # joins to the time spine may add periods without the group
    assert not missing(expected, given), (request, test, missing(expected, given), alone.sql)
    assert not missing(given, expected), (request, test, missing(given, expected), alone.sql)


def another_metric_changes_nothing(ground: Ground, data: st.DataObject) -> None:
    """A metric is the same whatever is asked beside it; in groups that only another has, it is NULL or what fills it."""
    metrics = _metrics(data, ground.metrics, least=2)
    group_by = _items(ground, data, metrics)
    where = data.draw(draw.filters(ground, ground.items(metrics)))
    one, both = (
        _ask(ground, data, QueryRequest(tuple(asked), tuple(group_by), where, start_time=start, end_time=end))
        for start, end in [_months(ground, data, group_by)]
        for asked in (metrics[:1], metrics)
    )
    keys = _columns(ground, group_by)
    held = {_key(row, keys): row[metrics[0]] for row in one.dicts()}
    fills = fills_of(ground, metrics[0])
    seen = set()
    for row in both.dicts():
        key = _key(row, keys)
        seen.add(key)
        if key in held:
            assert same(row[metrics[0]], held[key]), (metrics, group_by, where, row, held[key], both.sql)
        else:
            assert any(same(row[metrics[0]], fill) for fill in fills), (metrics, group_by, where, row, fills, both.sql)
    assert set(held) <= seen, (metrics, group_by, where, set(held) - seen, both.sql)


def order_and_limit_change_no_value(ground: Ground, data: st.DataObject) -> None:
    """The first rows of the ordered answer are among those of the whole, and no other comes before them; NULLs come last."""
    request = data.draw(draw.requests(ground))
    plain = msgspec.structs.replace(request, order=(), limit=None)
    columns = [*request.metrics, *(ground.joins.group_by(item).column for item in request.group_by)]
    order = data.draw(draw.orders(columns))
    limit = data.draw(st.integers(1, 12))
    assume(not request.min_max_only)
    whole = _ask(ground, data, plain)
    first = _ask(ground, data, msgspec.structs.replace(plain, order=(order,), limit=limit))
    assert len(first.rows) == min(limit, len(whole.rows)), (request, order, limit)
    assert not missing(first.rows, whole.rows), (request, order, limit, missing(first.rows, whole.rows), first.sql)
    name = order.removeprefix("-")
    at = first.columns.index(name if name in first.columns else ground.joins.group_by(name).column) if name in first.columns else None
    if at is None or not first.rows:
        return
    ranked = sorted((row[at] for row in whole.rows if row[at] is not None), reverse=order.startswith("-"))
    wanted = [*ranked, *[None] * len(whole.rows)][: len(first.rows)]
    assert all(same(a[at], b) for a, b in zip(first.rows, wanted, strict=True)), (request, order, limit, first, wanted)


def a_range_is_a_filter_on_time(ground: Ground, data: st.DataObject) -> None:
    """A range of days says what the filter on `metric_time` by day says, of metrics that look at nothing but their own time."""
    metrics = _metrics(data, [m for m in ground.windowless if "day" in _default_grains(ground, m)])
    besides = data.draw(st.lists(draw.items(ground, ground.items(metrics)), max_size=1))
    group_by = tuple(dict.fromkeys((f"{METRIC_TIME}__day", *besides)))
    start, end = sorted((data.draw(st.dates(*ground.days)), data.draw(st.dates(*ground.days))))
    day = f"{{{{ TimeDimension('{METRIC_TIME}', 'day') }}}}"
    filtered = _ask(ground, data, QueryRequest(tuple(metrics), group_by, (f"{day} >= '{start}'", f"{day} <= '{end}'")))
    cut = _ask(ground, data, QueryRequest(tuple(metrics), group_by, start_time=str(start), end_time=str(end)))
    assert not missing(cut.rows, filtered.rows), (metrics, group_by, start, end, missing(cut.rows, filtered.rows), cut.sql, filtered.sql)
    assert not missing(filtered.rows, cut.rows), (metrics, group_by, start, end, missing(filtered.rows, cut.rows), cut.sql, filtered.sql)


def a_condition_divides_the_rows(ground: Ground, data: st.DataObject) -> None:
    """A condition holds, does not, or is NULL: what additive metrics say of the three parts adds up to the whole."""
    metrics = _metrics(data, ground.additive)
    names = ground.items(metrics)
    group_by = data.draw(st.lists(draw.items(ground, names), max_size=1))
    condition = data.draw(draw.conditions(ground, names))
    whole, *parts = (
        _ask(ground, data, QueryRequest(tuple(metrics), tuple(group_by), where))
        for where in ((), (condition,), (f"NOT ({condition})",), (f"({condition}) IS NULL",))
    )
    keys = _columns(ground, group_by)
    together = Table(whole.columns, [row for part in parts for row in part.rows])
    _equal(_summed(together, keys, metrics), _summed(whole, keys, metrics), (condition, whole, *parts))


def a_ratio_is_its_numerator_by_its_denominator(ground: Ground, data: st.DataObject) -> None:
    """A ratio of metrics without filters of its own is what the two give that are asked for beside it."""
    ratios = [(m.name, m.params) for m in map(ground.joins.metric, ground.metrics) if isinstance(m.params, Ratio) and m.filter is None]
    plain = [(n, p) for n, p in ratios if all(g.filter is None and not g.offset_window for g in (p.numerator, p.denominator))]
    assume(plain)
    name, params = data.draw(st.sampled_from(plain))
    above, below = params.numerator.metric, params.denominator.metric
    group_by = _items(ground, data, [name])
    where = data.draw(draw.filters(ground, ground.items([name])))
    answer = _ask(ground, data, QueryRequest((name, above, below) if above != below else (name, above), tuple(group_by), where))
    for row in answer.dicts():
        expected = None if row[above] is None or not row[below] else float(row[above]) / float(row[below])
        assert same(row[name], expected), (name, group_by, where, row, answer.sql)


def _ask(ground: Ground, data: st.DataObject, request: QueryRequest) -> Table:
    """The answer of an engine that is drawn."""
    return answered(ground.ask, data.draw(st.sampled_from(ENGINES)), request)


def _metrics(data: st.DataObject, among: Sequence[str], least: int = 1) -> list[str]:
    assume(len(among) >= least)
    return data.draw(st.lists(st.sampled_from(sorted(among)), min_size=least, max_size=3, unique=True))


def _items(ground: Ground, data: st.DataObject, metrics: Sequence[str]) -> list[str]:
    """Some items; a time first where a metric needs it. Times have their grains said, for defaults depend on all metrics."""
    names = ground.items(metrics)
    assume(names)
    found = data.draw(st.lists(draw.items(ground, names), max_size=2, unique=True))
    if METRIC_TIME in names and (any(map(ground.needs_time, metrics)) or data.draw(st.booleans())):
        found.insert(0, f"{METRIC_TIME}__{data.draw(st.sampled_from(['day', 'month', 'quarter']))}")
    assume(all(not ground.is_time(item) for item in found))
    return list(dict.fromkeys(found))


def _months(ground: Ground, data: st.DataObject, group_by: Sequence[str]) -> tuple[str, str]:
    """A range of whole quarters where `metric_time` is asked for: no metric beside another stretches it."""
    if not any(item.startswith(f"{METRIC_TIME}__") for item in group_by) or data.draw(st.booleans()):
        return "", ""
    start, end = sorted((data.draw(st.dates(*ground.days)), data.draw(st.dates(*ground.days))))
    return str(_first_day(start, "quarter")), str(
        _first_day(_first_day(end, "quarter") + dt.timedelta(days=100), "quarter") - dt.timedelta(1)
    )


def _columns(ground: Ground, items: Sequence[str]) -> tuple[str, ...]:
    """Where each item stands, by its place: short names get their whole names in the answer."""
    return tuple(str(n) for n in range(len(items)))


def _key(row: dict[str, Any], keys: Sequence[str]) -> Key:
    values = list(row.values())
    return tuple(_plain(values[int(at)]) for at in keys)


def _plain(value: Any) -> Any:
    return dt.datetime.combine(value, dt.time()) if isinstance(value, dt.date) and not isinstance(value, dt.datetime) else value


def _summed(table: Table, keys: Sequence[str], metrics: Sequence[str]) -> dict[Key, list[float]]:
    """The metrics by the key columns, added up; NULL adds nothing, and what is nothing at all is not there."""
    sums: dict[Key, list[float]] = defaultdict(lambda: [0.0] * len(metrics))
    for row in table.dicts():
        key = _key(row, [str(table.columns.index(k)) if k in table.columns else k for k in keys])
        sums[key] = [total + float(row[metric] or 0) for total, metric in zip(sums[key], metrics, strict=True)]
    return {key: values for key, values in sums.items() if not all(math.isclose(v, 0, abs_tol=1e-6) for v in values)}


def _equal(left: dict[Key, list[float]], right: dict[Key, list[float]], told: object) -> None:
    assert set(left) == set(right), (set(left) ^ set(right), told)
    for key, values in left.items():
        assert all(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-6) for a, b in zip(values, right[key], strict=True)), (
            key,
            values,
            right[key],
            told,
        )


def _first_day(day: Any, grain: str) -> Any:
    """The first day of the period in which a day lies."""
    if day is None or grain == "week":
        return day and day - dt.timedelta(days=day.weekday())
    months = {"month": 1, "quarter": 3, "year": 12}[grain]
    return day.replace(month=(day.month - 1) // months * months + 1, day=1)


def _default_grains(ground: Ground, metric: str) -> tuple[str, ...]:
    """The grains that a metric's own time has, by all the measures on which it stands."""
    times = [ground.joins.agg_time(i.semantic_model, i.measure) for i in ground.joins.inputs(metric)]
    if any(time is None for time in times):
        return ()
    held = [time.grain.value if time is not None and time.grain else "day" for time in times]
    return (
        ("day",) if all(grain in ("day", "hour", "second", "minute", "millisecond", "microsecond", "nanosecond") for grain in held) else ()
    )


def _picks_records(ground: Ground, metric: str) -> bool:
    """Whether it stands on the last or first records alone, or on the latest base event before a conversion: a filter chooses among them."""
    inputs = ground.joins.inputs(metric)
    converts = len(inputs) != len(ground.joins.grouped_inputs(metric))
    return converts or any(ground.joins.measures[(i.semantic_model, i.measure)].non_additive is not None for i in inputs)


def fills_of(ground: Ground, name: str) -> list[Any]:
    """What a metric may be where none of its own rows are: NULL, or what fills the inputs of a metric that is not derived."""
    metric: Metric = ground.joins.metric(name)
    match metric.params:
        case Simple(input=given) | Cumulative(input=given):
            return [given.fill_nulls_with]
        case Conversion(conversion=given, calculation=calculation):
            return [None, given.fill_nulls_with if calculation == "conversions" else None]
        case Ratio() | Derived():
            return [None]


ALL: tuple[Law, ...] = (
    parts_add_up_to_the_whole,
    days_add_up_to_longer_periods,
    a_filter_on_a_group_gives_its_row,
    another_metric_changes_nothing,
    order_and_limit_change_no_value,
    a_range_is_a_filter_on_time,
    a_condition_divides_the_rows,
    a_ratio_is_its_numerator_by_its_denominator,
)
