"""A metric's definition in SQL's words, no engine's dialect: what `ontology/` and training items show."""

from __future__ import annotations

from collections.abc import Sequence

from app.model.expr import Expr
from app.model.metrics import Conversion, Metric, MetricInput, Window
from app.model.ontology import Ontology
from app.model.semantics import Measure
from app.model.types import Aggregation
from app.sql.expressions.text import expression_text
from app.sql.formulas import Wording


def formula(metric: Metric, ontology: Ontology) -> str:
    """The metric in one line: `sum(net_amount) where order__status = 'paid'`, `revenue / orders`."""
    return _SqlWords(ontology).formula(metric)


class _SqlWords(Wording):
    """SQL's words."""

    def expr(self, expr: Expr) -> str:
        return expression_text(expr)

    def where(self, condition: Expr | None) -> str:
        return f" where {expression_text(condition)}" if condition else ""

    def aggregation(self, measure: Measure) -> str:
        inner = expression_text(measure.expr)
        if measure.agg is Aggregation.COUNT_DISTINCT:
            return f"count(distinct {inner})"
        if measure.agg is Aggregation.PERCENTILE:
            return f"percentile({inner}, {measure.percentile:g})"
        return f"{measure.agg}({inner})"

    def input(self, given: MetricInput) -> str:
        return self._input(given, given.alias if given.alias and not given.filter else given.metric)

    def inputs(self, given: Sequence[MetricInput]) -> str:
        named = [f"{item.alias} = {self._input(item, item.metric)}" for item in given if item.alias or item.filter]
        return f" with {', '.join(named)}" if named else ""

    def span(self, window: Window | None, to_date: str) -> str:
        return f" over {window.count} {window.grain}s" if window else f" since the start of the {to_date}" if to_date else " over all time"

    def conversion(self, params: Conversion) -> str:
        within = f" within {params.window.count} {params.window.grain}s" if params.window else ""
        return f"{params.calculation} of {self.measure(params.base)} to {self.measure(params.conversion)} per {params.entity}{within}"

    def _input(self, item: MetricInput, text: str) -> str:
        if item.filter:
            text = f"({text}{self.where(item.filter)})"
        if item.offset_window:
            text += f" {item.offset_window.count} {item.offset_window.grain}{'' if item.offset_window.count == 1 else 's'} before"
        elif item.offset_to_grain:
            text += f" at the start of the {item.offset_to_grain}"
        return text
