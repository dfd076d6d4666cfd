"""Of which metrics a share has a meaning: parts of the total, not quotients or extremes of it."""

from __future__ import annotations

from app.model.expr import Binary, Column, Expr, Literal, Negate
from app.model.metrics import Conversion, Cumulative, Derived, MeasureInput, Metric, Ratio, Simple
from app.model.types import Aggregation
from app.plan.shapes.problems import no_meaning
from app.sql.expressions.walk import columns
from app.sql.joins import JoinGraph

_PARTS = frozenset({Aggregation.SUM, Aggregation.COUNT, Aggregation.COUNT_DISTINCT, Aggregation.SUM_BOOLEAN})
_MEANINGS = {Aggregation.AVERAGE: "an average", Aggregation.MIN: "a least value", Aggregation.MAX: "a greatest value"}


def check_has_parts(name: str, graph: JoinGraph) -> None:
    """Pass a metric of which a group can have a part: sums and counts, and sums and multiples of such. Raises UserError DM3132."""
    _check(graph.metric(name), name, graph)


def is_stock(name: str, graph: JoinGraph) -> bool:
    """Whether a metric stands on measures of which the last or first records of a time count."""
    found = (graph.measures.get((given.semantic_model, given.measure)) for given in graph.inputs(name))
    return any(measure is not None and measure.non_additive is not None for measure in found)


def _check(metric: Metric, asked: str, graph: JoinGraph) -> None:
    match metric.params:
        case Simple(input=given) | Cumulative(input=given):
            _check_measure(given, asked, graph)
        case Conversion(calculation="conversions", base=given):
            _check_measure(given, asked, graph)
        case Derived(expr=expr, inputs=inputs) if _is_linear(expr):
            for one in inputs:
                _check(graph.metric(one.metric), asked, graph)
        case Ratio() | Conversion():
            raise no_meaning(f"`{asked}` is a ratio: the groups' ratios are no parts of the total's", "ask for shares of its numerator")
        case _:
            raise no_meaning(f"`{asked}` is no sum of parts", "ask for shares of the metrics that it is derived from")


def _check_measure(given: MeasureInput, asked: str, graph: JoinGraph) -> None:
    measure = graph.measures.get((given.semantic_model, given.measure))
    if measure is not None and measure.agg not in _PARTS:
        raise no_meaning(
            f"`{asked}` is {_MEANINGS.get(measure.agg, 'a percentile')}: no group has a part of it", "ask for shares of a sum or a count"
        )


def _is_linear(expr: Expr) -> bool:
    """Whether an expression adds, subtracts or multiplies by constants only."""
    match expr:
        case Column():
            return True
        case Negate(arg=arg):
            return _is_linear(arg)
        case Binary(op="+" | "-", left=left, right=right):
            return _is_linear(left) and _is_linear(right)
        case Binary(op="*", left=left, right=right):
            return (_is_linear(left) and _is_constant(right)) or (_is_constant(left) and _is_linear(right))
        case Binary(op="/", left=left, right=right):
            return _is_linear(left) and _is_constant(right)
    return False


def _is_constant(expr: Expr) -> bool:
    return not columns(expr) and isinstance(expr, Literal | Negate | Binary)
