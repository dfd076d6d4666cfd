"""A metric as an expression over the values of steps: ratios and derived metrics are computed after aggregation, from aggregated inputs."""

from __future__ import annotations

from app.errors import InternalError, Problem, UserError, did_you_mean
from app.model.expr import Binary, Call, Column, Expr, Literal
from app.model.metrics import Conversion, Cumulative, Derived, Metric, MetricInput, Ratio, Simple
from app.model.types import DataType
from app.plan.served import check_served
from app.plan.steps import Steps
from app.sql.expressions.walk import conjunction, replace_leaves


class MetricCompiler:
    """Compiles metrics into expressions, adding to `steps` what they need. Each metric under the same filters is compiled once."""

    def __init__(self, steps: Steps) -> None:
        self.steps = steps
        self._done: dict[tuple[str, Expr | None], Expr] = {}

    def compile(self, name: str, where: Expr | None = None, above: tuple[str, ...] = ()) -> Expr:
        """The metric under filters that metrics above it pass down (dbt: a filter of a ratio or derived metric holds for its inputs).

        Raises UserError DM3001 (unknown), DM3008 (a cycle), DM3009 (an input that is not there) or DM3020 (a type not served yet).
        """
        known = self._done.get((name, where))
        if known is not None:
            return known
        if name in above:
            raise UserError(Problem("DM3008", f"metric `{name}` is derived from itself: {' → '.join((*above, name))}"))
        metric = self.steps.graph.metric(name)
        if not above:
            check_served(name, self.steps.graph)
        both, below = conjunction(metric.filter, where), (*above, name)
        match metric.params:
            case Simple(input=given):
                value: Expr = self.steps.value(given, conjunction(given.filter, both), name)
                if given.fill_nulls_with is not None:
                    value = Call("coalesce", (value, Literal(given.fill_nulls_with, DataType.INTEGER)))
            case Ratio(numerator=numerator, denominator=denominator):
                top, bottom = self._input(numerator, both, below), self._input(denominator, both, below)
                value = Binary("/", top, bottom)
            case Derived(expr=expr, inputs=inputs):
                value = self._derived(metric, expr, inputs, both, below)
            case Cumulative() | Conversion():
                raise InternalError(Problem("DM9302", f"metric `{name}` was not refused"))
        self._done[(name, where)] = value
        return value

    def _input(self, given: MetricInput, where: Expr | None, above: tuple[str, ...]) -> Expr:
        """A metric as another's input, under its own filter too."""
        return self.compile(given.metric, conjunction(given.filter, where), above)

    def _derived(self, metric: Metric, expr: Expr, inputs: tuple[MetricInput, ...], where: Expr | None, below: tuple[str, ...]) -> Expr:
        """The expression with every input in its place."""
        values = {given.alias or given.metric: self._input(given, where, below) for given in inputs}

        def placed(leaf: Expr) -> Expr:
            if not isinstance(leaf, Column):
                return leaf
            if leaf.name not in values:
                hint = did_you_mean(leaf.name, values) or f"its inputs are {', '.join(f'`{v}`' for v in values)}"
                raise UserError(Problem("DM3009", f"metric `{metric.name}` names `{leaf.name}`, which is none of its inputs", hint=hint))
            return values[leaf.name]

        return replace_leaves(expr, placed)
