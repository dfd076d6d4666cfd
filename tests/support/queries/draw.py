"""Strategies of metric queries: metrics of every kind by items of every kind, filtered, cut, ordered and limited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from app.model.types import DatePart
from app.service.request import QueryRequest
from app.sql.joins.graph import METRIC_TIME
from tests.support.queries.ground import Ground

_COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")


@st.composite
def requests(draw: st.DrawFn, ground: Ground) -> QueryRequest:
    """Any query: of ten about one has no metrics."""
    if draw(st.integers(0, 9)) == 9:
        return draw(listings(ground))
    metrics = tuple(draw(st.lists(st.sampled_from(ground.metrics), min_size=1, max_size=3, unique=True)))
    names = ground.items(metrics) if draw(st.integers(0, 19)) else ground.items(())
    group_by = draw(st.lists(items(ground, names), max_size=2, unique=True)) if names else []
    if METRIC_TIME in names and draw(st.integers(0, 4 if any(map(ground.needs_time, metrics)) else 1)):
        group_by = [draw(times(ground, METRIC_TIME)), *group_by]
    group_by = list(dict.fromkeys(group_by))
    start, end = draw(ranges(ground)) if METRIC_TIME in names else ("", "")
    numbers = [name for name in metrics if name in ground.numbers]
    having = draw(st.just("") | havings(numbers)) if numbers and not draw(st.integers(0, 3)) else ""
    columns = [*metrics, *(ground.joins.group_by(item).column for item in group_by)]
    order = draw(st.lists(orders(columns), max_size=2)) if draw(st.booleans()) else []
    return QueryRequest(
        metrics,
        tuple(group_by),
        draw(filters(ground, names)) if names else (),
        having,
        tuple(order),
        draw(st.none() | st.integers(1, 12)),
        start,
        end,
    )


@st.composite
def listings(draw: st.DrawFn, ground: Ground) -> QueryRequest:
    """A query without metrics, over the items of one semantic model."""
    start = draw(st.sampled_from(sorted(ground.joins.semantic_models)))
    names = [*(name for name in ground.joins.items(start) if name not in ground.without), METRIC_TIME]
    group_by = draw(st.lists(items(ground, names), min_size=1, max_size=3, unique=True))
    columns = [ground.joins.group_by(item).column for item in group_by]
    shape = draw(st.sampled_from(["distinct", "distinct", "extremes", "as they are"]))
    order = draw(st.lists(orders(columns), max_size=2)) if shape != "extremes" else []
    return QueryRequest(
        (),
        tuple(group_by),
        draw(filters(ground, names)),
        "",
        tuple(order),
        draw(st.none() | st.integers(1, 12)) if shape == "distinct" else None,
        min_max_only=shape == "extremes",
        apply_group_by=shape != "as they are",
    )


@st.composite
def items(draw: st.DrawFn, ground: Ground, names: Sequence[str]) -> str:
    """A group-by item as a person writes it."""
    name = draw(st.sampled_from(sorted(names)))
    return draw(times(ground, name)) if ground.is_time(name) else name


@st.composite
def times(draw: st.DrawFn, ground: Ground, name: str) -> str:
    """A time at a grain, by a date part, or as it comes."""
    grain = draw(st.sampled_from(["", "a date part", *ground.grains(name), *ground.grains(name)]))
    if grain == "a date part":
        return f"TimeDimension('{name}', date_part_name='{draw(st.sampled_from(list(DatePart))).value}')"
    return f"{name}__{grain}" if grain else name


def orders(columns: Sequence[str]) -> st.SearchStrategy[str]:
    """An order item, descending with a leading minus."""
    return st.builds(lambda minus, name: minus + name, st.sampled_from(["", "-"]), st.sampled_from(sorted(columns)))


def havings(metrics: Sequence[str]) -> st.SearchStrategy[str]:
    """A condition on result rows."""
    return st.builds(lambda m, op, n: f"{m} {op} {n}", st.sampled_from(sorted(metrics)), st.sampled_from(["<", ">="]), st.integers(-3, 60))


@st.composite
def ranges(draw: st.DrawFn, ground: Ground) -> tuple[str, str]:
    """A range of days or moments, open at either end; mostly none."""
    if draw(st.integers(0, 2)):
        return "", ""
    first, last = sorted((draw(st.dates(*ground.days)), draw(st.dates(*ground.days))))
    clock = draw(st.sampled_from(["", "", "", "T10:30"]))
    return draw(st.sampled_from(["", f"{first}{clock}"])), draw(st.sampled_from(["", f"{last}{clock}"]))


@st.composite
def filters(draw: st.DrawFn, ground: Ground, names: Sequence[str]) -> tuple[str, ...]:
    """None, one or two filters."""
    return tuple(draw(st.lists(conditions(ground, names), max_size=2))) if draw(st.booleans()) else ()


@st.composite
def conditions(draw: st.DrawFn, ground: Ground, names: Sequence[str]) -> str:
    """A filter: one test, or two together."""
    left = draw(tests(ground, names))
    shape = draw(st.sampled_from(["{0}", "{0}", "{0}", "NOT ({0})", "{0} AND {1}", "{0} OR {1}", "NOT ({0} OR {1})"]))
    return shape.format(left, draw(tests(ground, names)) if "{1}" in shape else "")


@st.composite
def tests(draw: st.DrawFn, ground: Ground, names: Sequence[str]) -> str:
    """A comparison in dbt's filter language."""
    name = draw(st.sampled_from(sorted(names)))
    entities = [n for n in names if ground.is_entity(n) and "__" not in n]
    if entities and draw(st.integers(0, 7)) == 7:
        measured = sorted(n for n in ground.windowless if n in ground.numbers)
        metric, entity = draw(st.sampled_from(measured)), draw(st.sampled_from(sorted(entities)))
        return f"{{{{ Metric('{metric}', group_by=['{entity}']) }}}} {draw(st.sampled_from(['>', '<=']))} {draw(st.integers(0, 12))}"
    if ground.is_time(name):
        grain = draw(st.sampled_from(ground.grains(name)))
        held = ground.values.get(f"{METRIC_TIME}__{grain}")
        reference = f"{{{{ TimeDimension('{name}', '{grain}') }}}}"
        if held is not None:
            return draw(compared(reference, held))
        return f"{reference} {draw(st.sampled_from(_COMPARISONS))} '{draw(st.dates(*ground.days))}'"
    reference = f"{{{{ {'Entity' if ground.is_entity(name) else 'Dimension'}('{name}') }}}}"
    return draw(compared(reference, ground.values.get(name, ())))


@st.composite
def compared(draw: st.DrawFn, reference: str, values: Sequence[Any]) -> str:
    """A test of one item by its values."""
    known = [value for value in values if value is not None]
    if not known or draw(st.integers(0, 4)) == 4:
        return f"{reference} IS {draw(st.sampled_from(['', 'NOT ']))}NULL"
    if isinstance(known[0], bool):
        return draw(st.sampled_from([reference, f"NOT {reference}", f"{reference} = TRUE"]))
    if draw(st.booleans()):
        return f"{reference} {draw(st.sampled_from(_COMPARISONS))} {literal(draw(st.sampled_from(known)))}"
    among = draw(st.lists(st.sampled_from(known), min_size=1, max_size=3, unique=True))
    return f"{reference} {draw(st.sampled_from(['', 'NOT ']))}IN ({', '.join(map(literal, among))})"


def literal(value: Any) -> str:
    """A value as SQL writes it."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, dt.datetime):
        value = value.isoformat(" ")
    return "'" + str(value).replace("'", "''") + "'"
