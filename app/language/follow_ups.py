"""What may be asked next: three complete queries that go on from an answer, as a person would say them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

import msgspec

from app.language.by_time import is_single
from app.language.edits import bare, before, compared, grains_of, split_by, with_group
from app.language.keys import key_text
from app.language.lexicon import Lexicon
from app.language.narrate import without_totals
from app.language.restate import group_words
from app.language.senses import DimensionFacts
from app.language.splits import is_low, splits
from app.model.answer import Choice
from app.model.expr import Binary, Field, Literal
from app.model.metrics import Window
from app.model.moment import Moment
from app.model.ontology import Ontology
from app.model.periods import add_months, first_day
from app.model.query import GroupBy, OrderBy, SemanticQuery, TimeRange
from app.model.result import Result, Value
from app.model.types import DataType, Grain
from app.sql.expressions.walk import conjunction, conjuncts
from app.sql.joins import JoinGraph

MOST = 3
_MOST_ROWS = 200


def follow_ups(
    query: SemanticQuery,
    greatest: Value,
    ontology: Ontology,
    lexicon: Lexicon,
    joins: JoinGraph,
    moment: Moment,
    valid: Callable[[SemanticQuery], bool],
) -> tuple[Choice, ...]:
    """Up to three, the most telling first: against the period before, into the `greatest` group, by another dimension, along time, another metric.

    Each is `valid`, and none is the query itself; of one kind there are two only where there are too few kinds.
    """
    kinds = [
        _compared(query, moment),
        _into(query, greatest, lexicon, joins),
        _split(query, ontology, lexicon, joins),
        _along(query),
        _other(query, ontology, joins),
        _instead(query, lexicon, joins),
        _elsewhen(query, moment),
        _counted(query, ontology),
    ]
    found: dict[SemanticQuery, Choice] = {}
    for _round in range(MOST):
        for ways in kinds:
            if len(found) == MOST:
                break
            first = next((Choice(text, other) for text, other in ways if other != query and other not in found and valid(other)), None)
            if first is not None:
                found[first.query] = first
    return tuple(found.values())


def _compared(query: SemanticQuery, moment: Moment) -> Iterator[tuple[str, SemanticQuery]]:
    """Against the period before: for a closed period, and for periods that stand side by side."""
    if not query.metrics or query.calculations or query.having is not None or query.top is not None:
        return
    times = [item for item in query.group_by if item.name == "metric_time"]
    if times:
        if times[0].grain in (Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR) and not times[0].date_part:
            yield f"How does each {times[0].grain} compare with the one before?", compared(query, None)
        return
    found = before(query.time, running=query.time.end == moment.today) if query.time is not None else None
    if found is not None:
        if not query.group_by and found[1].count == 1 and found[1].grain != Grain.YEAR:  # the period before is said beside the number
            yield "How does that compare with a year before?", compared(query, Window(1, Grain.YEAR.value))
        yield f"How does that compare with {_earlier(found[1])}?", compared(query, found[1])


def _earlier(back: Window) -> str:
    if back.count == 1:
        return f"the {back.grain} before"
    return f"the {back.count} {back.grain}s before"


def _into(query: SemanticQuery, value: Value, lexicon: Lexicon, joins: JoinGraph) -> Iterator[tuple[str, SemanticQuery]]:
    """Into the group with the greatest value: its parts by another dimension, or along time."""
    items = [item for item in query.group_by if item.name != "metric_time"]
    if value is None or len(items) != 1 or len(query.group_by) != 1:
        return
    facts = lexicon.at_the_end_of(items[0].name)
    if facts is None or not is_low(facts) or not (isinstance(value, bool) or value in facts.values):
        return  # what is no known value may be a mask
    kind = DataType.BOOLEAN if isinstance(value, bool) else DataType.TEXT
    condition = Binary("=", Field(items[0].name, path=items[0].path), Literal(value if isinstance(value, bool) else str(value), kind))
    inside = msgspec.structs.replace(bare(query), metrics=query.metrics[:1], where=conjunction(*conjuncts(query.where), condition))
    said = f"{facts.label} {'yes' if value else 'no'}" if isinstance(value, bool) else key_text(value, items[0])
    for other in splits(inside, lexicon, joins):
        if not other.is_flag:
            yield f"What about {said}, by {group_words(GroupBy(other.name), lexicon.labels)}?", split_by(inside, GroupBy(other.name))
    for grain in grains_of(query.time):
        yield f"What about {said}, by {grain}?", split_by(inside, GroupBy("metric_time", grain.value))


def greatest(query: SemanticQuery, result: Result | None) -> Value:
    """The group with the greatest value of the first metric; None where the query has not one dimension, or too many rows to look at."""
    if result is None or len(query.group_by) != 1 or not query.metrics:
        return None
    item = query.group_by[0]
    result = without_totals(query, result)
    columns = {column.name: data for column, data in zip(result.columns, result.data, strict=True)}
    numbers, keys = columns.get(query.metrics[0], ()), columns.get(item.column, ())
    rows = [
        (value, key)
        for value, key in zip(numbers, keys, strict=False)
        if isinstance(value, int | float | Decimal) and not isinstance(value, bool) and key is not None
    ]
    if not 2 <= len(rows) <= _MOST_ROWS:
        return None
    return max(rows, key=lambda row: row[0])[1]


def _split(query: SemanticQuery, ontology: Ontology, lexicon: Lexicon, joins: JoinGraph) -> Iterator[tuple[str, SemanticQuery]]:
    """By a dimension more, or of one that is grouped by already by another one in its place."""
    if not query.metrics or any(item.name != "metric_time" for item in query.group_by):
        return
    query = query if not query.calculations else bare(query)
    order: list[DimensionFacts] = sorted(
        splits(query, lexicon, joins), key=lambda facts: (facts.is_flag, _away(query, facts, ontology, joins))
    )
    for facts in order:
        yield f"How is that split by {group_words(GroupBy(facts.name), lexicon.labels)}?", split_by(query, GroupBy(facts.name))


def _away(query: SemanticQuery, facts: DimensionFacts, ontology: Ontology, joins: JoinGraph) -> bool:
    """False, which sorts first, for a dimension of the metric's own rows."""
    models = (ontology.semantic_model(given.semantic_model) for given in joins.grouped_inputs(query.metrics[0]))
    return facts.entity not in {model.primary for model in models if model is not None}


def _along(query: SemanticQuery) -> Iterator[tuple[str, SemanticQuery]]:
    """Along time: by its parts, where no time is grouped by; of one short period the year up to it."""
    if not query.metrics or any(item.name == "metric_time" for item in query.group_by):
        return
    plain = msgspec.structs.replace(bare(query), metrics=query.metrics[:1])
    span = query.time
    if span is not None and span.end is not None and span.end.year > 1 and is_single(Grain.MONTH, span):
        year = TimeRange(first_day(add_months(span.end, -11), Grain.MONTH), span.end)
        yield "How did it develop over the year up to then?", _ordered(msgspec.structs.replace(plain, time=year), Grain.MONTH)
    for grain in grains_of(span):
        yield f"How did it develop by {grain}?", _ordered(plain, grain)


def _ordered(query: SemanticQuery, grain: Grain) -> SemanticQuery:
    item = GroupBy("metric_time", grain.value)
    return msgspec.structs.replace(query, group_by=(item,), order_by=(OrderBy(item.column),))


def _other(query: SemanticQuery, ontology: Ontology, joins: JoinGraph) -> Iterator[tuple[str, SemanticQuery]]:
    """Another metric of the same rows beside it."""
    if not query.metrics or query.calculations or query.having is not None or query.top is not None or query.limit is not None:
        return
    home = {given.semantic_model for given in joins.grouped_inputs(query.metrics[0])}
    for metric in ontology.listed_metrics:
        if metric.name not in query.metrics and {given.semantic_model for given in joins.grouped_inputs(metric.name)} == home:
            label = metric.label or metric.name.replace("_", " ")
            yield f"And {label[:1].lower()}{label[1:]} beside it?", msgspec.structs.replace(query, metrics=(*query.metrics, metric.name))


def _counted(query: SemanticQuery, ontology: Ontology) -> Iterator[tuple[str, SemanticQuery]]:
    """Metrics by what a list lists."""
    if query.metrics or query.calculations or query.min_max_only or not query.apply_group_by:
        return
    for metric in ontology.listed_metrics:
        if metric.type == "simple":
            label = metric.label or metric.name.replace("_", " ")
            asked = SemanticQuery((metric.name,), query.group_by, query.where, order_by=(OrderBy(metric.name, True),))
            yield f"And {label[:1].lower()}{label[1:]} of each?", asked


def _instead(query: SemanticQuery, lexicon: Lexicon, joins: JoinGraph) -> Iterator[tuple[str, SemanticQuery]]:
    """By another dimension in the place of one."""
    for at, item in enumerate(query.group_by):
        if item.name != "metric_time" and query.metrics:
            for facts in splits(query, lexicon, joins):
                other = GroupBy(facts.name)
                yield f"And by {group_words(other, lexicon.labels)} instead?", with_group(query, at, other)


def _elsewhen(query: SemanticQuery, moment: Moment) -> Iterator[tuple[str, SemanticQuery]]:
    """The same of the period before."""
    found = before(query.time, running=query.time.end == moment.today) if query.time is not None else None
    if found is not None:
        yield f"And what was it {_earlier(found[1])}?", msgspec.structs.replace(query, time=found[0])
