"""Steps as they grow: measures that share a leaf are aggregated together, each other leaf by itself; conversions get a chain of their own."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from app.errors import Problem, UserError
from app.model.expr import Column, Expr, Field
from app.model.metrics import MeasureInput
from app.model.semantics import Measure
from app.model.types import DataType, Grain
from app.plan.aggregating import aggregate
from app.plan.conversions import Conversions, converted
from app.plan.draft import Draft
from app.plan.leaves import Asked, Growing, Leaf, timed
from app.plan.rows import Valued, as_field
from app.plan.timeline import Offset, Span
from app.sql.expressions.infer import aggregated, infer
from app.sql.expressions.walk import columns, conjunction, fields, replace_leaves
from app.sql.joins.graph import METRIC_TIME


class Steps:
    """Collects the measures of a query, or of a metric in a filter, and makes their steps. `asked` holds for every step.

    With a `suffix` the steps are named for being joined to a semantic model's rows.
    """

    def __init__(self, draft: Draft, asked: Asked, valued: Valued, *, suffix: str = "") -> None:
        self.draft, self.graph, self.asked, self._valued, self._suffix = draft, draft.graph, asked, valued, suffix
        self._mark = draft.column("is_present")
        self._growing: dict[Leaf | Conversions, Growing] = {}

    def value(
        self,
        given: MeasureInput,
        where: Expr | None,
        metric: str,
        grain: Grain,
        *,
        offsets: tuple[Offset, ...] = (),
        span: Span | None = None,
        period_agg: str = "",
    ) -> Column:
        """The column of the step in which a measure is aggregated under these filters, besides the query's own.

        Raises UserError DM3009 where the measure is not there, DM3021 where a metric that is looked at by time is not grouped by it.
        """
        leaf, measure = self._leaf(given, where, metric, grain, offsets, span, period_agg)
        if any(key.column == measure.name for key in self.asked.keys):
            measure = msgspec.structs.replace(measure, name=self.draft.column(measure.name))
        growing = self._growing.get(leaf)
        if growing is None:
            growing = self._growing[leaf] = Growing(leaf, self._name(leaf, metric), metric if leaf.span or leaf.offsets else leaf.model)
        growing.wanted.setdefault(measure.name, measure)
        return Column(measure.name, growing.name)

    def conversions(self, made: Conversions, metric: str) -> Column:
        """The column of the step that holds the conversions of a conversion metric."""
        growing = self._growing.get(made)
        if growing is None:
            growing = self._growing[made] = Growing(made.base, self.draft.name("conversions", f"{metric}_conversions"), metric)
        growing.wanted.setdefault(made.measure.name, made.measure)
        return Column(made.measure.name, growing.name)

    def leaf(
        self, given: MeasureInput, where: Expr | None, metric: str, grain: Grain, offsets: tuple[Offset, ...] = ()
    ) -> tuple[Leaf, Measure]:
        """The leaf of a measure without a span, and the measure; the query's own filter is part of it."""
        return self._leaf(given, where, metric, grain, offsets, None, "")

    def type_of(self, column: Column) -> DataType:
        """The type of a value that steps were asked for."""
        growing = next((one for one in self._growing.values() if one.name == column.table), None)
        measure = growing.wanted.get(column.name) if growing is not None else None
        if growing is None or measure is None:
            return DataType.OTHER
        model = self.graph.semantic_models[growing.leaf.model].model
        of = infer(measure.expr, lambda read: self.graph.column_type(model, read.name))
        return aggregated(measure.agg, of, discrete=measure.discrete)

    @property
    def several(self) -> bool:
        """Whether more than one step is needed."""
        return len(self._growing) > 1

    def present(self, step: str) -> Column:
        """The column that tells whether a step has a row."""
        for growing in self._growing.values():
            if growing.name == step:
                growing.marked = True
        return Column(self._mark, step)

    def finish(self) -> tuple[str, ...]:
        """Make the steps, in the order in which they were first needed; their names."""
        for made, growing in self._growing.items():
            mark = self._mark if growing.marked else ""
            if isinstance(made, Conversions):
                converted(self.draft, self.asked, made, growing, mark, self._valued)
            else:
                aggregate(self.draft, self.asked, growing, mark, self._valued)
        return tuple(growing.name for growing in self._growing.values())

    def _leaf(
        self,
        given: MeasureInput,
        where: Expr | None,
        metric: str,
        grain: Grain,
        offsets: tuple[Offset, ...],
        span: Span | None,
        period_agg: str,
    ) -> tuple[Leaf, Measure]:
        """The leaf and the measure."""
        measure = self.graph.measures.get((given.semantic_model, given.measure))
        if measure is None:
            raise UserError(Problem("DM3009", f"metric `{metric}` stands on measure `{given.measure}`, which is not there"))
        both = at_grain(conjunction(given.filter, where, self.asked.where), grain)
        time = self.graph.agg_time(given.semantic_model, measure.name)
        name = time.name if time is not None else ""
        leaf = Leaf(given.semantic_model, name, both, offsets, span, period_agg, grain, measure.non_additive, given.join_to_timespine)
        by_time = bool(timed(self.asked.keys, leaf, self.graph))
        if not by_time and (offsets or (span is not None and (span.window or span.grain_to_date))):
            raise UserError(
                Problem("DM3021", f"metric `{metric}` needs time among the group-by items", hint=f"such as `metric_time__{grain}`")
            )
        if not by_time and span is None and not self._is_timed(both) and not self.graph.has_validity:
            leaf = replace(leaf, agg_time="")  # measures of different times are aggregated together where no time is asked for
        if span is None and not offsets:
            leaf = replace(leaf, grain=Grain.DAY)
        on_spine = leaf.on_spine and by_time
        return replace(leaf, on_spine=on_spine, fill=given.fill_nulls_with if on_spine and period_agg == "average" else None), measure

    def _is_timed(self, where: Expr | None) -> bool:
        """Whether `metric_time` is asked for anywhere, so that measures of another time must be aggregated apart."""
        named = (*(field.name for field in fields(where)), *(as_field(c, self.graph).name for c in columns(where)))
        return (
            bool(self.asked.time and self.asked.time.bounded) or METRIC_TIME in named or any(k.name == METRIC_TIME for k in self.asked.keys)
        )

    def _name(self, leaf: Leaf, metric: str) -> str:
        """The step's name: the semantic model's, or where that is taken one after the metric that first needs it; never a result column's."""
        if self._suffix:
            return self.draft.beside_models(
                f"{metric if leaf.span or leaf.offsets else leaf.model}{self._suffix}", f"{metric}{self._suffix}"
            )
        if leaf.span is not None or leaf.offsets:
            return self.draft.name(f"{metric}_totals")
        model = leaf.model
        return self.draft.name(model, *([f"{model}_totals"] if model in self.draft.taken else []), f"{metric}_totals")


def at_grain(where: Expr | None, grain: Grain) -> Expr | None:
    """A filter in which `metric_time` without a grain has that of the metric."""
    if where is None:
        return None

    def settled(leaf: Expr) -> Expr:
        match leaf:
            case Field(name="metric_time", path=(), grain="", date_part=None):
                return msgspec.structs.replace(leaf, grain=grain.value)
            case Column(name="metric_time", table=""):
                return Field("metric_time", "time_dimension", grain=grain.value)
            case _:
                return leaf

    return replace_leaves(where, settled)
