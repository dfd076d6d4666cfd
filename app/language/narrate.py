"""The answer in one or two sentences, with units, and honest about nothing, nulls and cuts."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from app.language.by_time import is_single
from app.language.calculations import calculation_words
from app.language.formats import cell
from app.language.keys import key_text
from app.language.narrate_calculations import averages, clauses
from app.language.restate import group_words, range_words, totals_of_all_time, up_to
from app.language.say import Labels
from app.model.metrics import Cumulative, Metric
from app.model.ontology import Ontology
from app.model.query import GroupBy, SemanticQuery, TimeRange
from app.model.result import Result, Value
from app.model.shapes import GROUPING, Grouping
from app.model.types import Grain

_STANDS = {"first": "the figure of its first day", "last": "the figure of its last day", "average": "the average of its days"}
_DAYS_OR_LESS = frozenset(grain.value for grain in Grain if grain.order <= Grain.DAY.order)


HIDDEN = "Some rows or values are hidden from you by policy."
"""What a person is told of policies that bind them: never which, nor of what."""


def with_more(text: str, *more: str) -> str:
    """A told answer with further sentences, before that something is hidden."""
    own = text.removesuffix(HIDDEN).rstrip()
    return " ".join(filter(None, (own, *more, HIDDEN if text.endswith(HIDDEN) else "")))


def narrate(query: SemanticQuery, result: Result, ontology: Ontology, labels: Labels | None = None) -> str:
    """What the result says. Says so where there are no rows, where every number is missing, and where the row limit cut the result.

    `labels` are the ontology's, where they are at hand.
    """
    labels = labels or Labels(ontology)
    metrics = [m for name in query.metrics if (m := ontology.metric(name)) is not None]
    result = without_totals(query, result)
    columns = {column.name: data for column, data in zip(result.columns, result.data, strict=True)} if result.data else {}
    held = [(m, columns[m.name]) for m in metrics if m.name in columns]
    period = _period(query, labels)
    if result.row_count == 0:
        return f"There are no rows{period}{' that meet the conditions' if query.where is not None or query.having is not None else ''}."
    if held and all(value is None for _, data in held for value in data):
        names = " and ".join(labels.metric(m.name) for m, _ in held)
        return f"{names}{period}: there is no data, only empty values."
    return _facts(query, result, held, columns, labels, period) + _standing(query, metrics, labels) + _cut(result)


def without_totals(query: SemanticQuery, result: Result) -> Result:
    """The rows that stand for one group each: neither a total nor the rest is the highest of them."""
    if not query.group_by or not (query.totals or (query.top is not None and query.top.other)):
        return result
    told = [data for column, data in zip(result.columns, result.data, strict=True) if column.name.endswith(GROUPING)]
    kept = [row for row in range(result.row_count) if all(data[row] == Grouping.VALUE for data in told)]
    data = tuple(tuple(column[row] for row in kept) for column in result.data)
    return msgspec.structs.replace(result, data=data)


def _standing(query: SemanticQuery, metrics: list[Metric], labels: Labels) -> str:
    """What stands for a period of a metric that is a figure of each day (dbt's `period_agg`), where it is asked for by longer periods."""
    grain = next((g.grain for g in query.group_by if g.name == "metric_time" and g.grain), "")
    if grain in _DAYS_OR_LESS or not grain:
        return ""
    told: dict[str, list[str]] = {}
    for metric in metrics:
        if isinstance(metric.params, Cumulative):
            told.setdefault(_STANDS.get(metric.params.period_agg, _STANDS["last"]), []).append(labels.metric(metric.name))
    several = len(metrics) > 1
    return "".join(f" Each {grain} shows {what}{_of(names) if several else ''}." for what, names in told.items())


def _of(names: list[str]) -> str:
    return f" for {' and '.join(names)}"


def _cut(result: Result) -> str:
    return f" The result was cut at {result.row_count:,} rows: there are more." if result.truncated else ""


def _period(query: SemanticQuery, labels: Labels) -> str:
    if query.time is None or not (query.time.start or query.time.end):
        return ""
    if totals_of_all_time(query, labels):
        return f" {up_to(query.time)}".rstrip()
    words = range_words(query.time)
    if words.startswith(("since", "until")):
        return f" {words}"
    return f" from {words}" if " to " in words else f" on {words}"


def _extremes(query: SemanticQuery, columns: dict[str, tuple[Value, ...]], labels: Labels) -> Iterator[str]:
    """`Country: from Austria to United Kingdom`, for each group-by item."""
    for item in query.group_by:
        least, greatest = (columns.get(f"{item.column}__{end}", (None,)) for end in ("min", "max"))
        words = group_words(item, labels)
        found = f"from {key_text(least[0], item)} to {key_text(greatest[0], item)}" if least[0] is not None else "no values"
        yield f"{words[:1].upper()}{words[1:]}: {found}"


def _is_said(item: GroupBy, span: TimeRange | None) -> bool:
    """Whether a time to group by has one period only, which the sentence has said."""
    return item.name == "metric_time" and item.grain in set(Grain) and is_single(Grain(item.grain), span)


def _facts(
    query: SemanticQuery,
    result: Result,
    held: list[tuple[Metric, tuple[Value, ...]]],
    columns: dict[str, tuple[Value, ...]],
    labels: Labels,
    period: str,
) -> str:
    """The sentence of a result that has rows and numbers."""
    count = result.row_count
    if not held and query.min_max_only:
        return "; ".join(_extremes(query, columns, labels)) + "."
    averaged = averages(query, columns, labels) if not held else ""
    if averaged:
        return averaged
    if not held and query.calculations:
        by = " and ".join(group_words(item, labels) for item in query.group_by)
        words = " and ".join(calculation_words(one.shape, labels) for one in query.calculations)
        return f"{words[:1].upper()}{words[1:]}{f' by {by}' if by else ''}{period}, {count:,} {'row' if count == 1 else 'rows'}."
    if not held:
        names = " and ".join(group_words(item, labels) for item in query.group_by) or "values"
        return f"{count:,} {'row' if count == 1 else 'rows'} of {names}."
    if count == 1 and not query.group_by:
        return "; ".join(f"{labels.metric(m.name)}{period}: {cell(data[0], m)}{clauses(query, m, columns, 0)}" for m, data in held) + "."
    metric, data = held[0]
    keys = [(item, columns[item.column]) for item in query.group_by if item.column in columns]
    if count > 1:
        keys = [key for key in keys if not _is_said(key[0], query.time)] or keys

    def key(row: int) -> str:
        return ", ".join(key_text(column[row], item) for item, column in keys) or f"row {row + 1}"

    def at(extreme: Decimal | int | float) -> str:
        rows = [row for row, value in numbered if value == extreme]
        more = f" and {len(rows) - 1:,} more" if len(rows) > 1 else ""
        return f"{key(rows[0])}{more} with {cell(extreme, metric)}"

    label = labels.metric(metric.name)
    if count == 1 and any(item.name == "metric_time" and not item.date_part for item, _ in keys):
        period = ""  # the key says it
    if count == 1:
        told = (f"{labels.metric(m.name)} of {key(0)}{period}: {cell(column[0], m)}{clauses(query, m, columns, 0)}" for m, column in held)
        return "; ".join(told) + "."
    numbered = [(row, v) for row, v in enumerate(data) if isinstance(v, Decimal | int | float) and not isinstance(v, bool)]
    if not numbered:
        return f"{label}{period}: {count:,} rows."
    highest, lowest = max(value for _, value in numbered), min(value for _, value in numbered)
    by = " and ".join(group_words(item, labels) for item, _ in keys)
    shown = "of these, " if result.truncated or query.limit is not None else ""
    if highest == lowest:
        return f"{label} by {by}{period}, {count:,} rows: {shown}all {cell(highest, metric)}."
    return f"{label} by {by}{period}, {count:,} rows: {shown}highest {at(highest)}, lowest {at(lowest)}."
