"""What comparisons, shares and averages of one row come to, as a clause behind the value."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from app.language.calculations import before_words
from app.language.formats import cell, percent
from app.language.restate import averaged_words
from app.language.say import Labels
from app.model.metrics import Metric
from app.model.query import SemanticQuery
from app.model.result import Value
from app.model.shapes import Compared, MetricValue, Share, Show

Columns = Mapping[str, tuple[Value, ...]]


def clauses(query: SemanticQuery, metric: Metric, columns: Columns, row: int) -> str:
    """`, up 3,642 (52.1%) from 6,989 1 year before`, `, 36% of the total`; "" where nothing is calculated of the metric alone."""
    own = MetricValue(metric.name)
    compared: dict[Show, tuple[Compared, Value]] = {}
    share: Value = None
    for one in query.calculations:
        if isinstance(one.shape, Compared) and one.shape.of == own and one.name in columns:
            compared[one.shape.show] = (one.shape, columns[one.name][row])
        if isinstance(one.shape, Share) and one.shape.of == own and one.name in columns:
            share = columns[one.name][row]
    told = f", {percent(share)} of the {'total' if query.where is None else 'whole'}" if _is_number(share) else ""
    return _moved(compared, metric) + told


def averages(query: SemanticQuery, columns: Columns, labels: Labels) -> str:
    """`Average revenue per day that has any, 1 Jun 2026 to 30 Jun 2026: €354.37.`, "" for what is no average by period of one row."""
    words = averaged_words(query, labels)
    values = [columns[one.name] for one in query.calculations if one.name in columns]
    if not words or not values or len(values[0]) != 1:
        return ""
    return f"{words}: {' and '.join(cell(data[0], places=2) for data in values)}."


def _moved(compared: Mapping[Show, tuple[Compared, Value]], metric: Metric) -> str:
    if set(compared) != set(Show):
        return ""
    shape, earlier = compared[Show.VALUE]
    change, part = compared[Show.DIFFERENCE][1], compared[Show.PERCENT][1]
    before = before_words(shape)
    if earlier is None or not isinstance(change, Decimal | int | float):
        return f"; there is nothing of {before} to compare it with"
    if change == 0:
        return f", as {before}"
    moved = f", {'up' if change > 0 else 'down'} {cell(change if change > 0 else -change, metric)}"
    return f"{moved}{f' ({percent(part)})' if _is_number(part) else ''} from {cell(earlier, metric)} {before}"


def _is_number(value: Value) -> bool:
    return isinstance(value, Decimal | int | float) and not isinstance(value, bool)
