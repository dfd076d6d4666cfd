"""The calculations, bounds and rankings of a draft, in the forms in which the grounded interpreter has them: what means the same is then the same query."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import msgspec

from app.language.conditions import number_literal
from app.language.drafting.form import Bound, CalculationKind, Computed, First, Of, Op
from app.language.drafting.literals import NoValueError, Values
from app.language.lexicon import Lexicon
from app.model.expr import Binary, Expr, Field
from app.model.metrics import Window
from app.model.query import OrderBy, SemanticQuery
from app.model.shapes import MOST_PERIODS, Calculation, Compared, MetricValue, Moving, Rank, Running, Shape, Share, Show, Top
from app.sql.expressions.walk import conjunction

Say = Callable[[str, str], None]
"""Told a place and what is wrong there."""
MOST_GROUPS = 10_000
COMPARISONS = {Op.IS: "=", Op.IS_NOT: "<>", Op.MORE: ">", Op.AT_LEAST: ">=", Op.LESS: "<", Op.AT_MOST: "<="}
_SHOWS = {
    CalculationKind.PREVIOUS: Show.VALUE,
    CalculationKind.CHANGE: Show.DIFFERENCE,
    CalculationKind.PERCENT_CHANGE: Show.PERCENT,
}


def computed(one: Computed, within: tuple[str, ...], path: str, say: Say) -> Shape | None:
    """The calculation, None where something is wrong with it."""
    value = MetricValue(one.metric)
    if one.back is not None and not 0 < one.back.count <= MOST_PERIODS:
        say(f"{path}.back.count", f"a whole number from 1 to {MOST_PERIODS}")
        return None
    back = Window(one.back.count, one.back.grain) if one.back is not None else None
    match one.kind:
        case CalculationKind.PREVIOUS | CalculationKind.CHANGE | CalculationKind.PERCENT_CHANGE:
            return Compared(value, back, _SHOWS[one.kind])
        case CalculationKind.SHARE:
            return Share(value, within)
        case CalculationKind.RANK:
            return Rank(value, within)
        case CalculationKind.RUNNING_TOTAL:
            return Running(value, back)
        case CalculationKind.MOVING_AVERAGE:
            if not 1 < one.periods <= MOST_PERIODS:
                say(f"{path}.periods", f"a whole number from 2 to {MOST_PERIODS}")
                return None
            return Moving(value, one.periods)


def column_of(of: Of, metric: str, columns: Sequence[Calculation]) -> str:
    """The column that a bound or ranking is about: the metric, or that calculation of it; "" where the draft has no such one."""
    if of is Of.VALUE:
        return metric
    shows = {Of.CHANGE: Show.DIFFERENCE, Of.PERCENT_CHANGE: Show.PERCENT}
    for one in columns:
        shape = one.shape
        if isinstance(shape, Compared) and shape.of == MetricValue(metric) and shape.show is shows.get(of):
            return one.name
        if isinstance(shape, Share) and of is Of.SHARE and shape.of == MetricValue(metric):
            return one.name
    return ""


def bounds(listed: Sequence[Bound], columns: Sequence[Calculation], lexicon: Lexicon, values: Values, say: Say) -> Expr | None:
    """The condition on values of metrics."""
    found: list[Expr] = []
    for at, one in enumerate(listed):
        name = column_of(one.of, one.metric, columns)
        if not name:
            say(f"having[{at}].of", "there is no such calculation of the metric in `calculations`")
        elif one.op not in COMPARISONS:
            say(f"having[{at}].op", "a metric is compared with a number")
        else:
            try:
                held = _held(one, values.number(one.value), lexicon)
                found.append(Binary(COMPARISONS[one.op], Field(name, "metric"), number_literal(held)))
            except NoValueError as error:
                say(f"having[{at}].value", str(error))
    return conjunction(*found)


def _held(one: Bound, number: Decimal, lexicon: Lexicon) -> Decimal:
    """The number as the column holds it: a part of one where that is a fraction."""
    fraction = one.of is Of.SHARE or one.of is Of.PERCENT_CHANGE
    if one.percent and one.of is Of.VALUE:
        fraction = lexicon.metrics[one.metric].is_fraction
    whole = one.of is Of.SHARE and not one.percent and number <= 1
    return number / 100 if fraction and not whole else number


def ranked(query: SemanticQuery, first: First, column: Callable[[str, str], str], say: Say) -> SemanticQuery:
    """The query with only its first groups: by an order and a limit where these say it, else by a choice of groups."""
    if not 0 < first.count <= MOST_GROUPS:
        say("top.count", f"a whole number from 1 to {MOST_GROUPS}")
        return query
    if not query.group_by:
        say("top", "the first of what? `group_by` is empty")
        return query
    by = column_of(first.of, first.by, query.calculations)
    if not by:
        say("top.of", "there is no such calculation of the metric in `calculations`")
        return query
    per = tuple(column(f"top.per[{at}]", name) for at, name in enumerate(first.per))
    if not per and not first.other and by in query.metrics:
        return msgspec.structs.replace(query, order_by=(OrderBy(by, not first.least),), limit=first.count)
    of = tuple(item.column for item in query.group_by if item.column not in per) if per else ()
    return msgspec.structs.replace(query, order_by=(), top=Top(first.count, by, of, per, first.least, first.other))
