"""Of what a metric is put together: sums of parts that add up over any grouping of its rows, or a quotient of two such sums."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from app.model.expr import Binary, Call, Column, Expr, Literal, Negate
from app.model.metrics import Derived, Metric, MetricInput, Ratio, Simple
from app.model.ontology import Ontology
from app.model.types import Aggregation
from app.sql.expressions.walk import conjunction

_ADDS = frozenset({Aggregation.SUM, Aggregation.COUNT, Aggregation.SUM_BOOLEAN})
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Term:
    """A metric that adds up, under a filter, so many times."""

    metric: str
    where: Expr | None = None
    factor: Fraction = Fraction(1)


Sum = tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Quotient:
    """One sum over another."""

    numerator: Sum
    denominator: Sum


def sum_of(metric: Metric, ontology: Ontology) -> Sum | None:
    """The terms whose sum the metric is, None where it is none.

    A sum or count of rows adds up over any dimension. A distinct count, an average, a median, an extreme, a stock that is counted on one day of a period
    and what looks at other times do not.
    """
    return _sum(metric, ontology, 0)


def quotient_of(metric: Metric, ontology: Ontology) -> Quotient | None:
    """The two sums whose quotient the metric is, None where it is none."""
    params = metric.params
    if isinstance(params, Ratio):
        parts = [_input(given, metric.filter, ontology, 0) for given in (params.numerator, params.denominator)]
    elif isinstance(params, Derived) and isinstance(params.expr, Binary) and params.expr.op == "/":
        parts = [_terms(side, params, metric.filter, ontology, 0) for side in (params.expr.left, _not_zero(params.expr.right))]
    else:
        return None
    numerator, denominator = parts
    return Quotient(numerator, denominator) if numerator and denominator else None


def is_distinct_count(metric: Metric, ontology: Ontology) -> bool:
    """Whether the metric counts distinct things: of no rows it is zero, and parts overlap."""
    if not isinstance(metric.params, Simple):
        return False
    model = ontology.semantic_model(metric.params.input.semantic_model)
    measure = model.measure(metric.params.input.measure) if model is not None else None
    return measure is not None and measure.agg is Aggregation.COUNT_DISTINCT


def _sum(metric: Metric, ontology: Ontology, depth: int) -> Sum | None:
    params = metric.params
    if depth > _DEEPEST:
        return None
    if isinstance(params, Simple):
        model = ontology.semantic_model(params.input.semantic_model)
        measure = model.measure(params.input.measure) if model is not None else None
        if measure is None or measure.agg not in _ADDS or measure.non_additive is not None or params.input.fill_nulls_with:
            return None
        return (Term(metric.name),)
    if isinstance(params, Derived):
        return _terms(params.expr, params, metric.filter, ontology, depth + 1)
    return None


def _input(given: MetricInput, where: Expr | None, ontology: Ontology, depth: int) -> Sum | None:
    """The terms of an input under its own filter and that of the metric which uses it."""
    found = ontology.metric(given.metric)
    if found is None or given.offset_window is not None or given.offset_to_grain:
        return None
    terms = _sum(found, ontology, depth + 1)
    return tuple(Term(one.metric, conjunction(one.where, given.filter, where), one.factor) for one in terms) if terms else None


def _terms(expr: Expr, params: Derived, where: Expr | None, ontology: Ontology, depth: int) -> Sum | None:
    """The terms of an expression that adds, subtracts, and multiplies by constants only."""
    match expr:
        case Column(name=name):
            given = next((one for one in params.inputs if name == (one.alias or one.metric)), None)
            return _input(given, where, ontology, depth) if given is not None else None
        case Negate(arg=arg):
            return _times(_terms(arg, params, where, ontology, depth), Fraction(-1))
        case Binary(op="+" | "-" as op, left=left, right=right):
            first, second = (_terms(side, params, where, ontology, depth) for side in (left, right))
            signed = _times(second, Fraction(-1 if op == "-" else 1))
            return first + signed if first and signed else None
        case Binary(op="*", left=left, right=right):
            for side, other in ((left, right), (right, left)):
                number = _constant(other)
                if number is not None:
                    return _times(_terms(side, params, where, ontology, depth), number)
        case Binary(op="/", left=left, right=right):
            number = _constant(right)
            return _times(_terms(left, params, where, ontology, depth), 1 / number) if number else None
    return None


def _times(terms: Sum | None, factor: Fraction) -> Sum | None:
    return tuple(Term(one.metric, one.where, one.factor * factor) for one in terms) if terms and factor else None


def _constant(expr: Expr) -> Fraction | None:
    if isinstance(expr, Negate):
        below = _constant(expr.arg)
        return -below if below is not None else None
    if isinstance(expr, Literal) and expr.type.is_numeric and expr.value is not None and not isinstance(expr.value, bool):
        try:
            return Fraction(str(expr.value))
        except ValueError:
            return None
    return None


def _not_zero(expr: Expr) -> Expr:
    """What stands under the line: `nullif(x, 0)` guards a division and is x."""
    match expr:
        case Call(name="nullif", args=(first, Literal(value=0 | "0" | "0.0"))):
            return first
    return expr
