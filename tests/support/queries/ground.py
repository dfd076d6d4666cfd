"""What may be asked over a layer: its metrics, the items that they share, and values to filter by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from app.errors import UserError
from app.model.expr import Call
from app.model.metrics import Cumulative, Derived, Metric, Ratio, Simple
from app.model.ontology import Ontology
from app.model.types import Aggregation, Grain
from app.service.request import QueryRequest
from app.sql.joins import JoinGraph
from app.sql.joins.graph import METRIC_TIME

ENGINES = ("postgres", "clickhouse")
_ADDITIVE = (Aggregation.SUM, Aggregation.COUNT, Aggregation.SUM_BOOLEAN)
_LONG = (Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)


class Table(NamedTuple):
    """An answer: its column names, its rows, and the SQL that gave them."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    sql: str = ""

    def dicts(self) -> list[dict[str, Any]]:
        """The rows by column."""
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


Ask = Callable[[str, QueryRequest], Table]
"""Asks an engine. Raises UserError where the query is refused."""


@dataclass(frozen=True, repr=False, eq=False)
class Ground:
    """A layer to draw queries over. `values` has some values of each item that is no time and no key of several columns; filters on time and ranges lie within `days`."""

    ontology: Ontology
    ask: Ask
    days: tuple[dt.date, dt.date]
    values: Mapping[str, Sequence[Any]]
    joins: JoinGraph
    without: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, ontology: Ontology, ask: Ask, days: tuple[dt.date, dt.date], without: Sequence[str] = ()) -> Ground:
        """The ground of a layer; names in `without` (metrics or items) are left out."""
        joins, values = JoinGraph.of(ontology), {}
        for name in joins.compatible_dimensions(()):
            composite = any(isinstance(found.expr, Call) for found in _found(joins, name) if found.kind == "entity")
            if name not in without and not _is_time(joins, name) and not composite:
                try:
                    values[name] = [row[0] for row in ask(ENGINES[0], QueryRequest(group_by=(name,), limit=6)).rows]
                except UserError:
                    continue  # a name that only some of the semantic models can tell apart
        for grain in joins.custom_grains:
            values[f"{METRIC_TIME}__{grain}"] = [
                row[0] for row in ask(ENGINES[0], QueryRequest(group_by=(f"{METRIC_TIME}__{grain}",), limit=6)).rows
            ]
        return cls(ontology, ask, days, values, joins, frozenset(without))

    def __repr__(self) -> str:
        return f"Ground({self.ontology.project})"

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        """Hypothesis would write the whole layer out, and warn that it is long in place of what failed."""
        printer.text(repr(self))

    @cached_property
    def metrics(self) -> list[str]:
        """All metrics."""
        return [metric.name for metric in self.ontology.metrics if metric.name not in self.without]

    @cached_property
    def additive(self) -> list[str]:
        """Metrics whose values over parts add up to the value over the whole."""
        return [m.name for m in map(self.joins.metric, self.metrics) if self._adds_up(m)]

    @cached_property
    def windowless(self) -> list[str]:
        """Metrics for which a row counts at its own time and no other: nothing cumulative, no conversions, no offsets."""
        return [name for name in self.metrics if self._stays(self.joins.metric(name))]

    @cached_property
    def numbers(self) -> list[str]:
        """Metrics whose values can be compared with a number."""
        return [m.name for m in map(self.joins.metric, self.metrics) if not self._is_extreme(m)]

    def items(self, metrics: Sequence[str]) -> list[str]:
        """The names that all of the metrics can be grouped by; of no metrics every name."""
        return [name for name in self.joins.compatible_dimensions(metrics) if name not in self.without]

    def is_time(self, name: str) -> bool:
        """Whether it is a time dimension."""
        return name == METRIC_TIME or _is_time(self.joins, name)

    def is_entity(self, name: str) -> bool:
        """Whether it is an entity."""
        return any(found.kind == "entity" for found in _found(self.joins, name))

    def grains(self, name: str) -> tuple[str, ...]:
        """The grains to ask a time for: a day and more, the hour of what is kept by it, custom calendars."""
        kept = [found.time.grain or Grain.DAY for found in _found(self.joins, name) if found.time is not None]
        finest = max((grain.order for grain in kept), default=Grain.DAY.order)
        hours = ("hour",) if finest <= Grain.HOUR.order and any(s.grain is Grain.HOUR for s in self.joins.spines) else ()
        return (*hours, *(grain.value for grain in _LONG if grain.order >= finest), *self.joins.custom_grains)

    def needs_time(self, metric: str) -> bool:
        """Whether a metric is looked at by time."""
        return not self._stays(self.joins.metric(metric))

    def _adds_up(self, metric: Metric) -> bool:
        """A simple metric over a sum or count that nothing but its rows decides."""
        if not isinstance(metric.params, Simple):
            return False
        given = metric.params.input
        measure = self.joins.measures[(given.semantic_model, given.measure)]
        return measure.agg in _ADDITIVE and measure.non_additive is None and not given.fill_nulls_with

    def _stays(self, metric: Metric) -> bool:
        match metric.params:
            case Simple():
                return True
            case Ratio(numerator=above, denominator=below):
                return all(self._stays(self.joins.metric(given.metric)) for given in (above, below))
            case Derived(inputs=inputs):
                held = all(self._stays(self.joins.metric(given.metric)) for given in inputs)
                return held and not any(given.offset_window or given.offset_to_grain for given in inputs)
            case _:
                return False

    def _is_extreme(self, metric: Metric) -> bool:
        """Whether it may be a time, a text or a truth value."""
        if not isinstance(metric.params, Simple | Cumulative):
            return False
        given = metric.params.input
        return self.joins.measures[(given.semantic_model, given.measure)].agg in (Aggregation.MIN, Aggregation.MAX)


def _found(joins: JoinGraph, name: str) -> list[Any]:
    """What a name means from each semantic model that it means one thing from."""
    return [found for start in joins.semantic_models if (found := joins.items(start).get(name)) is not None]


def _is_time(joins: JoinGraph, name: str) -> bool:
    return any(found.time is not None for found in _found(joins, name))
