"""Laws of shapes: what each adds to a query is what plain queries, asked for its parts, come to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec
from hypothesis import assume
from hypothesis import strategies as st

from app.model.periods import add_months, first_day
from app.model.shapes import Top, Totals
from app.model.types import Grain
from app.service.request import QueryRequest
from app.sql.joins.graph import METRIC_TIME
from tests.support.queries import draw
from tests.support.queries.agree import answered, same
from tests.support.queries.ground import ENGINES, Ground, Table
from tests.support.queries.laws import Law, fills_of

_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def a_period_is_compared_with_the_one_before(ground: Ground, data: st.DataObject) -> None:
    """`previous` and `change` of each row are those of the plain answer for that earlier period and the same group."""
    metric = _metric(data, ground.metrics)
    time, grain = _time(data, ["day", "month", "quarter", "year"])
    items = _others(ground, data, metric)
    count, unit = data.draw(st.integers(1, 3)), data.draw(st.sampled_from([u for u in ("month", "quarter", "year") if _holds(u, grain)]))
    request = QueryRequest((metric,), (time, *items), _where(ground, data, metric))
    number = metric in ground.numbers
    calls = (f"a = previous({metric}, {count} {unit}s)", *([f"b = change({metric}, {count} {unit}s)"] if number else []))
    plain, shaped = _ask(ground, data, request), _ask(ground, data, msgspec.structs.replace(request, calculations=calls))
    held = {_key(row, len(items) + 1): row[-1] for row in plain.rows}
    last = max((key[0] for key in held if key[0] is not None), default=None)
    seen = set()
    for row in shaped.dicts():
        key = _key(list(row.values()), len(items) + 1)
        seen.add(key)
        earlier = None if key[0] is None else (_back(key[0], count * _MONTHS[unit]), *key[1:])
        then, now = held.get(earlier) if earlier else None, held.get(key)
        fills = fills_of(ground, metric)  # of a period without rows
        now, then = (row[name] if value is None and row[name] in fills else value for name, value in ((metric, now), ("a", then)))
        assert same(row[metric], now), (row, now, shaped.sql)
        assert same(row["a"], then), (row, then, shaped.sql)
        assert key in held or (last is not None and key[0] <= last and earlier in held), (row, shaped.sql)
        if number:
            assert same(row["b"], None if then is None or now is None else float(now) - float(then)), (row, shaped.sql)
    assert set(held) <= seen, (set(held) - seen, shaped.sql)


def a_share_is_a_part_of_a_whole(ground: Ground, data: st.DataObject) -> None:
    """A share is the metric by the items, over the metric by fewer of them."""
    metric = _metric(data, ground.additive)
    items = _items(ground, data, metric)
    within = data.draw(st.lists(st.sampled_from(items), max_size=len(items), unique=True))
    request = QueryRequest((metric,), tuple(items), _where(ground, data, metric))
    inside = f", within=[{', '.join(within)}]" if within else ""
    call = f"part = share({metric}{inside})"
    shaped = _ask(ground, data, msgspec.structs.replace(request, calculations=(call,)))
    whole = _ask(ground, data, msgspec.structs.replace(request, group_by=tuple(within)))
    wholes = {_key(row, len(within)): row[-1] for row in whole.rows}
    at = [items.index(item) for item in within]
    for row in shaped.rows:
        total = wholes[_key([row[n] for n in at], len(at))]
        expected = None if row[-2] is None or not total else float(row[-2]) / float(total)
        assert same(row[-1], expected), (row, total, shaped.sql)


def totals_are_asked_for_by_fewer_items(ground: Ground, data: st.DataObject) -> None:
    """The rows of a level are those of the plain query by its items, of any metric."""
    metrics = data.draw(st.lists(st.sampled_from(ground.windowless), min_size=1, max_size=2, unique=True))
    items = _items(ground, data, *metrics)
    request = QueryRequest(tuple(metrics), tuple(items), _where(ground, data, *metrics))
    shaped = _ask(ground, data, msgspec.structs.replace(request, totals=Totals.ALL))
    for length in range(len(items) + 1):
        plain = _ask(ground, data, msgspec.structs.replace(request, group_by=tuple(items[:length])))
        level = [row for row in shaped.rows if _level(row, len(items)) == length]
        given = [(*(row[2 * n] for n in range(length)), *row[2 * len(items) :]) for row in level]
        _alike(given, plain.rows, (items[:length], shaped.sql))


def the_rest_is_what_is_not_among_the_first(ground: Ground, data: st.DataObject) -> None:
    """The first groups have the values of the plain query; the rest those of a query that leaves these groups out."""
    metrics = data.draw(st.lists(st.sampled_from(ground.windowless), min_size=1, max_size=2, unique=True))
    names = [name for name in ground.items(metrics) if name in ground.values and not name.startswith(METRIC_TIME)]
    assume(names)
    item, count = data.draw(st.sampled_from(names)), data.draw(st.integers(1, 3))
    request = QueryRequest(tuple(metrics), (item,), _where(ground, data, *metrics))
    least = data.draw(st.booleans())
    shaped = _ask(ground, data, msgspec.structs.replace(request, top=Top(count, least=least, other=True)))
    plain = _ask(ground, data, request)
    first = [row for row in shaped.rows if row[1] == "value"]
    _alike([row for row in plain.rows if any(same(row[0], other[0]) for other in first)], [(row[0], *row[2:]) for row in first], shaped.sql)
    assert len(first) == min(count, len(plain.rows))
    ranked = sorted((float(row[1]) for row in plain.rows if row[1] is not None and _is_number(row[1])), reverse=not least)
    for row, wanted in zip((row for row in first if row[2] is not None and _is_number(row[2])), ranked, strict=False):
        assert same(float(row[2]), wanted), (first, ranked, shaped.sql)
    kind = "Entity" if ground.is_entity(item) else "Dimension"
    named = f"{{{{ {kind}('{item}') }}}}"
    values = [draw.literal(row[0]) for row in first if row[0] is not None]
    parts = [f"{named} NOT IN ({', '.join(values)})"] if values else [f"{named} IS NOT NULL"]
    parts += [f"{named} IS NULL"] if values and all(row[0] is not None for row in first) else []
    left = _ask(ground, data, msgspec.structs.replace(request, group_by=(), where=(*request.where, " OR ".join(parts))))
    rest = [row[2:] for row in shaped.rows if row[1] == "other"]
    if rest:
        _alike(rest, left.rows, (parts, shaped.sql))
    else:
        assert len(plain.rows) <= count or all(value is None or not value for value in left.rows[0]), (left.rows, shaped.sql)


def a_running_total_counts_what_came_before(ground: Ground, data: st.DataObject) -> None:
    """The running total at the end of a period is the metric over all days up to it."""
    metric = _metric(data, [name for name in ground.windowless if not _picks(ground, name)])
    time, grain = _time(data, ["month", "quarter", "year"])
    items = _others(ground, data, metric)[:1]
    start = str(data.draw(st.dates(*ground.days)).replace(day=1)) if data.draw(st.booleans()) else ""
    request = QueryRequest((metric,), (time, *items), _where(ground, data, metric), start_time=start)
    shaped = _ask(ground, data, msgspec.structs.replace(request, calculations=(f"so_far = running_total({metric})",)))
    for row in data.draw(st.permutations(shaped.rows))[:2]:
        if row[0] is None:
            continue
        end = _back(row[0], -_MONTHS[grain]) - dt.timedelta(days=1)
        begun = _first(start, grain)
        upto = _ask(ground, data, msgspec.structs.replace(request, group_by=tuple(items), start_time=begun, end_time=_day(end)))
        found = next((other[-1] for other in upto.rows if all(map(same, other[:-1], row[1:-2]))), None)
        if found is None and row[-1] in fills_of(ground, metric):
            continue
        if row[-1] is None and not items and found == 0:
            continue  # without items there is a row of nothing, of which counts are 0
        assert same(row[-1], found), (row, found, shaped.sql, upto.sql)


def a_moving_average_is_one_of_values_shown(ground: Ground, data: st.DataObject) -> None:
    """The average of the values that the plain answer has for the last periods and the same group."""
    metric = _metric(data, [name for name in ground.windowless if name in ground.numbers])
    time, grain = _time(data, ["month", "quarter"])
    items, count = _others(ground, data, metric), data.draw(st.integers(1, 4))
    request = QueryRequest((metric,), (time, *items), _where(ground, data, metric))
    plain = _ask(ground, data, request)
    start = str(_day(data.draw(st.dates(*ground.days)))) if data.draw(st.booleans()) else ""
    call = f"smooth = moving_average({metric}, {count})"
    shaped = _ask(ground, data, msgspec.structs.replace(request, calculations=(call,), start_time=start))
    held = {_key(row, len(items) + 1): row[-1] for row in plain.rows}
    for row in shaped.rows:
        key = _key(row, len(items) + 1)
        if key[0] is None:
            continue
        window = [held.get((_back(key[0], n * _MONTHS[grain]), *key[1:])) for n in range(count)]
        values = [float(value) for value in window if value is not None]
        assert same(row[-1], sum(values) / len(values) if values else None), (row, window, shaped.sql)


def a_rank_counts_the_greater_ones(ground: Ground, data: st.DataObject) -> None:
    """One more than there are rows of the group with a greater value."""
    metric = _metric(data, ground.numbers)
    items = _items(ground, data, metric)
    within = data.draw(st.lists(st.sampled_from(items), max_size=1))
    call = f"place = rank({metric}{f', within=[{within[0]}]' if within else ''})"
    shaped = _ask(ground, data, QueryRequest((metric,), tuple(items), _where(ground, data, metric), calculations=(call,)))
    at = items.index(within[0]) if within else None
    for row in shaped.rows:
        among = [other[-2] for other in shaped.rows if other[-2] is not None and (at is None or same(other[at], row[at]))]
        expected = None if row[-2] is None else 1 + sum(value > row[-2] and not same(value, row[-2]) for value in among)
        assert row[-1] == expected, (row, expected, shaped.sql)


def _metric(data: st.DataObject, among: Sequence[str]) -> str:
    assume(among)
    return data.draw(st.sampled_from(sorted(among)))


def _time(data: st.DataObject, grains: Sequence[str]) -> tuple[str, str]:
    grain = data.draw(st.sampled_from(grains))
    return f"{METRIC_TIME}__{grain}", grain


def _others(ground: Ground, data: st.DataObject, *metrics: str) -> list[str]:
    """Items that are no times; of metrics that have a time."""
    names = ground.items(metrics)
    assume(METRIC_TIME in names)
    return data.draw(st.lists(st.sampled_from([n for n in names if not ground.is_time(n)]), max_size=1)) if len(names) > 1 else []


def _items(ground: Ground, data: st.DataObject, *metrics: str) -> list[str]:
    """One to three items, each time by a grain."""
    names = ground.items(metrics)
    assume(names)
    plain = [name for name in names if not ground.is_time(name)]
    found = data.draw(st.lists(st.sampled_from(plain), max_size=2, unique=True)) if plain else []
    if METRIC_TIME in names and (not found or any(map(ground.needs_time, metrics)) or data.draw(st.booleans())):
        found.insert(0, f"{METRIC_TIME}__{data.draw(st.sampled_from(['day', 'month', 'quarter']))}")
    assume(found)
    return found


def _where(ground: Ground, data: st.DataObject, *metrics: str) -> tuple[str, ...]:
    """Filters that speak of no time: an earlier period is filtered by its own."""
    names = [name for name in ground.items(metrics) if not ground.is_time(name)]
    return data.draw(draw.filters(ground, names)) if names and data.draw(st.booleans()) else ()


def _ask(ground: Ground, data: st.DataObject, request: QueryRequest) -> Table:
    return answered(ground.ask, data.draw(st.sampled_from(ENGINES)), request)


def _key(row: Sequence[Any], length: int) -> tuple[Any, ...]:
    return tuple(str(value)[:10] if isinstance(value, dt.date) else value for value in row[:length])


def _back(day: Any, months: int) -> Any:
    """A day so many months earlier, as it was given: a date, or its text."""
    if isinstance(day, str):
        return add_months(dt.date.fromisoformat(day), -months).isoformat()
    plain = day.date() if isinstance(day, dt.datetime) else day
    return add_months(plain, -months)


def _day(day: dt.date) -> str:
    return day.isoformat()[:10]


def _first(start: str, grain: str) -> str:
    """The range's start, stretched to the whole period as the shaped query's is."""
    return str(first_day(dt.date.fromisoformat(start), Grain(grain))) if start else ""


def _holds(unit: str, grain: str) -> bool:
    """Whether periods of the unit are made of whole ones of the grain."""
    return grain == "day" or _MONTHS[unit] >= _MONTHS[grain]


def _level(row: Sequence[Any], items: int) -> int:
    """How many items of a row are values."""
    return sum(row[2 * n + 1] == "value" for n in range(items))


def _alike(given: Sequence[Sequence[Any]], wanted: Sequence[Sequence[Any]], told: object) -> None:
    from tests.support.queries.agree import missing

    assert not missing(wanted, given), (missing(wanted, given), missing(given, wanted), told)
    assert not missing(given, wanted), (missing(given, wanted), told)


def _is_number(value: Any) -> bool:
    return not isinstance(value, bool | str | dt.date)


def _picks(ground: Ground, metric: str) -> bool:
    """Whether it stands on the last or first records alone."""
    return any(ground.joins.measures[(i.semantic_model, i.measure)].non_additive is not None for i in ground.joins.inputs(metric))


ALL: tuple[Law, ...] = (
    a_period_is_compared_with_the_one_before,
    a_share_is_a_part_of_a_whole,
    totals_are_asked_for_by_fewer_items,
    the_rest_is_what_is_not_among_the_first,
    a_running_total_counts_what_came_before,
    a_moving_average_is_one_of_values_shown,
    a_rank_counts_the_greater_ones,
)
