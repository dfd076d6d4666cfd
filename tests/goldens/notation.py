"""Short words for writing a layer down: types, times, semantic models and metrics."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from app.model.expr import Expr
from app.model.metrics import Conversion, Cumulative, Derived, MeasureInput, Metric, MetricInput, Ratio, Simple, Window
from app.model.semantics import Dimension, DimensionType, Entity, EntityType, Measure
from app.model.types import Aggregation, DataType, Grain
from app.sql.expressions.parse import parse_expression, parse_filter

A = Aggregation
D = Decimal
T, INT, N, F, B, DAY, TS = (
    DataType.TEXT,
    DataType.INTEGER,
    DataType.DECIMAL,
    DataType.FLOAT,
    DataType.BOOLEAN,
    DataType.DATE,
    DataType.TIMESTAMP,
)
PRIMARY, FOREIGN, UNIQUE, NATURAL = EntityType.PRIMARY, EntityType.FOREIGN, EntityType.UNIQUE, EntityType.NATURAL

Tables = dict[str, tuple[tuple[tuple[str, DataType], ...], tuple[tuple[object, ...], ...]]]
"""A table's columns with their types, and its rows."""


def at(text: str) -> dt.datetime:
    """A timestamp."""
    return dt.datetime.fromisoformat(text)


def on(text: str) -> dt.date:
    """A date."""
    return dt.date.fromisoformat(text)


def sql(text: str) -> Expr:
    """An expression over columns."""
    return parse_expression(text, "postgres")


def condition(text: str) -> Expr | None:
    """A filter; none where there is no text."""
    return parse_filter(text, "postgres") if text else None


def cat(name: str, expr: str = "") -> Dimension:
    """A categorical dimension."""
    return Dimension(name, DimensionType.CATEGORICAL, sql(expr or name))


def time(name: str, grain: Grain = Grain.DAY, expr: str = "", **more: object) -> Dimension:
    """A time dimension."""
    return Dimension(name, DimensionType.TIME, sql(expr or name), grain, **more)  # type: ignore[arg-type]


def entity(name: str, kind: EntityType, expr: str = "") -> Entity:
    """An entity; its column bears its name unless said."""
    return Entity(name, kind, sql(expr or f"{name}_id"))


def measure(name: str, agg: Aggregation, expr: str, **more: object) -> Measure:
    """A measure."""
    return Measure(name, agg, sql(expr), **more)  # type: ignore[arg-type]


def simple(name: str, model: str, of: str, where: str = "", own: str = "", fill: int | None = None, spine: bool = False) -> Metric:
    """A simple metric; `where` is the metric's filter, `own` its measure's."""
    return Metric(name, Simple(MeasureInput(model, of, condition(own), fill, spine)), filter=condition(where))


def given(metric: str, alias: str = "", where: str = "", **more: object) -> MetricInput:
    """A metric as another's input."""
    return MetricInput(metric, alias, condition(where), **more)  # type: ignore[arg-type]


def derived(name: str, expr: str, *inputs: MetricInput, where: str = "") -> Metric:
    """A derived metric."""
    return Metric(name, Derived(sql(expr), inputs), filter=condition(where))


def ratio(name: str, top: MetricInput, bottom: MetricInput, where: str = "") -> Metric:
    """A ratio metric."""
    return Metric(name, Ratio(top, bottom), filter=condition(where))


def window(text: str) -> Window | None:
    """`7 day`; none where there is no text."""
    count, _, grain = text.partition(" ")
    return Window(int(count), grain) if text else None


def earlier(name: str, metric: str, back: str = "", start_of: str = "") -> Metric:
    """A metric as it was a window before, or at the start of a grain."""
    return derived(name, metric, given(metric, offset_window=window(back), offset_to_grain=start_of))


def cumulative(
    name: str,
    model: str,
    of: str,
    over: str = "",
    *,
    since: str = "",
    stands: str = "last",
    where: str = "",
    fill: int | None = None,
    spine: bool = False,
) -> Metric:
    """A cumulative metric over a window, `since` the start of a grain, or over all time."""
    inputs = MeasureInput(model, of, None, fill, spine)
    return Metric(name, Cumulative(inputs, window(over), since, stands), filter=condition(where))


def conversion(
    name: str,
    base: MeasureInput,
    converted: MeasureInput,
    within: str = "",
    *,
    calculation: str = "conversion_rate",
    constant: tuple[tuple[str, str], ...] = (),
    where: str = "",
) -> Metric:
    """A conversion metric of customers."""
    return Metric(name, Conversion(base, converted, "customer", calculation, window(within), constant), filter=condition(where))
