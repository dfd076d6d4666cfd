"""A metric as an expression over the values of steps: ratios and derived metrics are computed after aggregation, from aggregated inputs."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from app.errors import Problem, UserError, did_you_mean
from app.model.expr import Binary, Case, Column, Expr, IsNull, Or
from app.model.metrics import Conversion, Cumulative, Derived, MeasureInput, Metric, MetricInput, Ratio, Simple
from app.model.types import DataType
from app.plan.conversions import Conversions
from app.plan.fills import filled
from app.plan.grains import metric_grain
from app.plan.own_time import at_own_time
from app.plan.steps import Steps
from app.plan.timeline import Offset, Span
from app.sql.expressions.infer import infer
from app.sql.expressions.strict import is_strict
from app.sql.expressions.walk import columns, conjunction, replace_leaves

_Above = tuple[str, ...]
_Asked = tuple[str, Expr | None, tuple[Offset, ...]]


class MetricCompiler:
    """Compiles metrics into expressions, adding to `steps` what they need. Each metric under the same filters and offsets is compiled once.

    `several` says that steps will meet, so that one may have no row where another has. With a `span` every measure is accumulated over it. `of_rows` says
    that filters of metrics choose rows by their own time, and not the periods in which these are looked at.
    """

    def __init__(self, steps: Steps, *, several: bool = False, span: Span | None = None, of_rows: bool = False) -> None:
        self.steps, self.several, self.span, self.of_rows = steps, several, span, of_rows
        self._done: dict[_Asked, tuple[Expr, frozenset[str]]] = {}
        self._reading: list[set[str]] = []

    def read_by(self, name: str, offsets: tuple[Offset, ...] = ()) -> frozenset[str]:
        """The steps on which a metric that was compiled stands, those that its expression does not name included: they have the groups that it has."""
        return self._done[name, None, offsets][1]

    def compile(self, name: str, where: Expr | None = None, offsets: tuple[Offset, ...] = (), above: _Above = ()) -> Expr:
        """The metric under filters and offsets that metrics above it pass down (dbt: a filter of a ratio or derived metric holds for its inputs).

        Raises UserError DM3001 (unknown), DM3008 (a cycle), DM3009 (an input that is not there), DM3021 (a metric by time is not grouped by it).
        """
        known = self._done.get((name, where, offsets))
        if known is None:
            self._reading.append(set())
            try:
                value = self._compiled(name, where, offsets, above)
            finally:
                read = self._reading.pop()
            known = self._done[name, where, offsets] = value, frozenset(read.union(column.table for column in columns(value)))
        if self._reading:
            self._reading[-1] |= known[1]
        return known[0]

    def _compiled(self, name: str, where: Expr | None, offsets: tuple[Offset, ...], above: _Above) -> Expr:
        """The metric's expression."""
        if name in above:
            raise UserError(Problem("DM3008", f"metric `{name}` is derived from itself: {' → '.join((*above, name))}"))
        metric = self.steps.graph.metric(name)
        if self.span is not None:
            self._check_accumulates(metric)
        both, below = conjunction(self._of_rows(metric.filter), where), (*above, name)
        match metric.params:
            case Simple(input=given):
                grain = metric_grain(name, self.steps.graph)
                given = msgspec.structs.replace(given, filter=self._of_rows(given.filter))
                found = self.steps.value(
                    given, both, name, grain, offsets=offsets, span=self.span, period_agg="last" if self.span is not None else ""
                )
                value = self._filled(name, found, given)
            case Cumulative(input=given, window=window, grain_to_date=to_date, period_agg=period_agg):
                grain = metric_grain(name, self.steps.graph)
                span = Span(window, to_date)
                found = self.steps.value(given, both, name, grain, offsets=offsets, span=span, period_agg=period_agg)
                if period_agg == "average":
                    self._number(name, found, "averaged")
                value = self._filled(name, found, given)
            case Conversion():
                value = self._conversion(name, metric.params, both, offsets)
            case Ratio(numerator=numerator, denominator=denominator):
                top, bottom = (self._input(given, both, offsets, below) for given in (numerator, denominator))
                value = Binary("/", self._number(name, top, "divided"), self._number(name, bottom, "divided by"))
            case Derived(expr=expr, inputs=inputs):
                values = {given.alias or given.metric: self._input(given, both, offsets, below) for given in inputs}
                read = (column.table for given in values.values() for column in columns(given))
                value = self._present(_derived(metric, expr, values), *read)  # also what the expression does not name
        return value

    def _input(self, given: MetricInput, where: Expr | None, offsets: tuple[Offset, ...], above: _Above) -> Expr:
        """A metric as another's input, under its own filter and offset too."""
        if given.offset_window is not None or given.offset_to_grain:
            offsets = (*offsets, Offset(given.offset_window, given.offset_to_grain))
        return self.compile(given.metric, conjunction(self._of_rows(given.filter), where), offsets, above)

    def _of_rows(self, own: Expr | None) -> Expr | None:
        """A filter of the metric's own, or of its input."""
        return at_own_time(own) if self.of_rows else own

    def _filled(self, name: str, value: Expr, given: MeasureInput) -> Expr:
        """dbt's `fill_nulls_with`, which is a number."""
        return filled(value if given.fill_nulls_with is None else self._number(name, value, "filled with a number"), given.fill_nulls_with)

    def _check_accumulates(self, metric: Metric) -> None:
        """Pass a metric whose measures may be accumulated over the span. Raises UserError DM3132."""
        why = {"cumulative": "is accumulated already", "conversion": "counts events in a window of its own"}.get(metric.type, "")
        if isinstance(metric.params, Simple):
            given = metric.params.input
            measure = self.steps.graph.measures.get((given.semantic_model, given.measure))
            why = "is a stock, of which the last record counts" if measure is not None and measure.non_additive is not None else ""
        if why:
            raise UserError(Problem("DM3132", f"`{metric.name}` has no running total: it {why}"))

    def _number(self, name: str, value: Expr, done: str) -> Expr:
        """The value. Raises UserError DM3108 where it is a time or a text: one engine would fail, the other count seconds."""
        kind = infer(value, self.steps.type_of)
        if kind.is_temporal or kind is DataType.TEXT:
            raise UserError(Problem("DM3108", f"metric `{name}`: what is of type {kind} can't be {done}"))
        return value

    def _present(self, value: Expr, *also: str) -> Expr:
        """A derived metric is computed where one of its inputs has a row: of none at all it is NULL, also where its expression would not be.

        Steps of other metrics may have rows for more group-by items, and of those this metric says nothing. `also` are steps that count as inputs.
        """
        if not self.several or not self.steps.asked.keys or is_strict(value):
            return value
        steps = tuple(dict.fromkeys((*(column.table for column in columns(value)), *also)))
        present = tuple(IsNull(self.steps.present(step), negated=True) for step in steps)
        return Case(((present[0] if len(present) == 1 else Or(present), value),)) if present else value

    def _conversion(self, name: str, params: Conversion, where: Expr | None, offsets: tuple[Offset, ...]) -> Expr:
        """Conversions, or their share of the base events."""
        grain = metric_grain(name, self.steps.graph)
        base, _ = self.steps.leaf(params.base, where, name, grain, offsets)
        base = replace(base, agg_time=self._time(params.base))
        conversion, measure = self.steps.leaf(params.conversion, None, name, grain)
        conversion = replace(conversion, agg_time=self._time(params.conversion), where=params.conversion.filter, grain=base.grain)
        made = Conversions(base, conversion, measure, params.entity, params.window, params.constant_properties)
        counted = self._filled(name, self.steps.conversions(made, name), params.conversion)
        # Where nothing was converted there are base events none the less, so their step is needed for the groups that it has.
        base_events = self.steps.value(params.base, where, name, grain, offsets=offsets)
        self._reading[-1].add(base_events.table)
        if params.calculation == "conversions":
            return self._present(counted, base_events.table)
        return self._present(Binary("/", counted, self._filled(name, base_events, params.base)))

    def _time(self, given: MeasureInput) -> str:
        """The name of a measure's time dimension, "" where it has none."""
        found = self.steps.graph.agg_time(given.semantic_model, given.measure)
        return found.name if found is not None else ""


def _derived(metric: Metric, expr: Expr, values: dict[str, Expr]) -> Expr:
    """The expression with every input in its place. Raises UserError DM3009 for a name that is none."""

    def placed(leaf: Expr) -> Expr:
        if not isinstance(leaf, Column):
            return leaf
        if leaf.name not in values:
            hint = did_you_mean(leaf.name, values) or f"its inputs are {', '.join(f'`{v}`' for v in values)}"
            raise UserError(Problem("DM3009", f"metric `{metric.name}` names `{leaf.name}`, which is none of its inputs", hint=hint))
        return values[leaf.name]

    return replace_leaves(expr, placed)
