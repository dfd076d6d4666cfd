"""A question that goes on from the one before it: `and by store?`, `only 2025`, `as a percentage`, `what about returns?`.

It goes on where it begins with words that say so, or names no metric of its own and would be incomplete alone. What it says takes the place of what the
query before said of the same: groups of groups, times of times, a value of another value of that dimension, a metric of the metric; `split`, `break down`,
`also` add a group to those that there are. All else stays. What it can't be joined with is no query, and nothing of it is dropped.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

import msgspec

from app.language.build import Builder, Built
from app.language.draft import Draft, Slot
from app.language.periods import Period
from app.language.pieces import Piece
from app.language.senses import Kind, Sense
from app.language.shaping import calculated
from app.model.expr import And, Expr, Field, IsNull
from app.model.periods import first_day
from app.model.query import GroupBy, OrderBy, SemanticQuery, TimeRange
from app.model.shapes import Calculation, MetricValue, Shape, Top, Totals
from app.model.types import Grain
from app.sql.calculations import default_name
from app.sql.expressions.walk import conjunction, conjuncts, fields, replace_leaves

_STRONG = re.compile(
    r"^\W*(?:ok(?:ay)?\W+|great\W+|thanks\W+|cool\W+)?(?:(?:and|but|also|instead)\b|(?:what|how) about\b|(?:the )?same\b|"
    r"(?:show|give) (?:me )?(?:that|it|the same)\b)|\binstead\W*$",
    re.IGNORECASE,
)
_ADDS = re.compile(
    r"\b(?:also|too|as well|additionally|in addition|further|split|break|broken|breakdown|drill|segment|slice)\b", re.IGNORECASE
)
_ONLY = re.compile(r"^\W*(?:(?:and|but|ok|now)\W+)*(?:only|just|for)\b", re.IGNORECASE)
_BY_ANOTHER = re.compile(
    r"^\W*(?:(?:and|but|ok|now|then|same)\W+)*(?:rank(?:ed)? |sort(?:ed)? |order(?:ed)? )?(?:them |it )?by\b", re.IGNORECASE
)
"""`Now by units sold`: the same by another metric."""
_ONE = re.compile(r"\b(?:which (?:one|is|was|has|had)|who)\b", re.IGNORECASE)
_UNITS = (Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR)


def narrowed(question: str, draft: Draft) -> Draft:
    """`Only customers in Scotland` after a question names nobody to count: whose the metrics of that question are to be."""
    entities = [slot for slot in draft.metrics if slot.piece.of(Kind.ENTITY)]
    if _ONLY.match(question) is None or not draft.conditions or not draft.metrics or len(entities) < len(draft.metrics) or draft.having:
        return draft
    return replace(draft, metrics=[], scopes=[*draft.scopes, *(Slot(slot.piece, slot.piece.of(Kind.ENTITY)) for slot in entities)])


def goes_on(question: str, draft: Draft) -> bool:
    """Whether the question, so read, goes on from the one before."""
    if draft.listing and not draft.metrics:
        return False
    return not (draft.metrics or draft.having) or _STRONG.search(question) is not None or _BY_ANOTHER.search(question) is not None


def taken_up(draft: Draft, previous: SemanticQuery) -> Draft:
    """The draft with the metrics of the query before, where it names none of its own, and its range, where it is compared with another."""
    periods = draft.periods
    if draft.compares and not periods and previous.time is not None and previous.time.start is not None:
        periods = [Period(0, 0, previous.time, _unit(previous.time))]
    if draft.metrics or draft.having:
        return replace(draft, periods=periods)
    nothing = Piece(0, 0, "", 0.0)
    having = [
        replace(one, slot=Slot(nothing, (Sense(Kind.METRIC, previous.asked_metrics[-1], 1.0),)))
        for one in draft.bounds[:2]
        if previous.asked_metrics
    ]
    slots = [Slot(nothing, (Sense(Kind.METRIC, name, 1.0),)) for name in previous.asked_metrics]
    limit, loose = (
        draft.limit,
        [] if draft.bounds or (draft.counts and (previous.limit is not None or previous.top is not None)) else draft.loose,
    )
    if draft.counts and limit is None and (previous.limit is not None or previous.top is not None):
        limit = draft.counts[0]  # `make it ten`
    return replace(draft, metrics=slots, periods=periods, having=having, bounds=[], counts=[], loose=loose, limit=limit, listing=False)


def gone_on(question: str, draft: Draft, built: Built, previous: SemanticQuery, builder: Builder) -> Built:
    """The query with what the one before said and the question does not."""
    query = built.query
    kept = previous.metrics == query.metrics or not draft.metrics
    group_by, missing = _groups(question, query, previous, builder)
    columns = {item.column for item in group_by}
    calculations = calculated(draft, query.asked_metrics, group_by) or (previous.calculations if kept else _of_others(previous, query))
    where, lost = _before(_of_rows(previous, group_by), query.metrics, builder)
    names = {*query.metrics, *columns, *(one.name for one in calculations)}
    order = query.order_by or _renamed(previous.order_by, previous, query, names)
    top = query.top or _top(previous.top, names, columns)
    if top is not None and top is not query.top and query.limit is not None:
        top = msgspec.structs.replace(top, count=query.limit)
    metrics = {field.name for field in fields(previous.having) if field.kind == "metric"} - {one.name for one in previous.calculations}
    limit = query.limit if query.limit is not None else previous.limit if order and not query.order_by else None
    if draft.rank and limit is None and top is None and group_by:  # `which one had the most`, and the fewest after the top one
        limit = 1 if _ONE.search(question) else previous.limit
    having = query.having if query.having is not None else previous.having if _names(previous.having) <= names | metrics else None
    went_on = SemanticQuery(
        metrics=query.metrics,
        group_by=group_by,
        where=_filters(query.where, where),
        time=query.time or previous.time,
        having=having,
        order_by=order if top is None else (),
        limit=limit,
        calculations=calculations,
        top=top,
        totals=Totals.GRAND if draft.totals and group_by else previous.totals if group_by else Totals.NONE,
        segments=previous.segments,
    )
    return replace(built, query=went_on, bare=draft.share is not None and not group_by, unreached=(*built.unreached, *missing, *lost))


def by_each(draft: Draft, built: Built) -> tuple[Built, ...]:
    """The query ranked by each of its metrics, where the question names none to rank by: which one had the most of several things is to be asked."""
    query = built.query
    named = any(slot.piece.last for slot in draft.metrics)
    if not draft.rank or named or len(query.asked_metrics) < 2 or len(query.order_by) != 1 or query.order_by[0].name not in query.metrics:
        return (built,)
    orders = (msgspec.structs.replace(query.order_by[0], name=name) for name in query.metrics)
    return tuple(replace(built, query=msgspec.structs.replace(query, order_by=(order,))) for order in orders)


def _of_rows(previous: SemanticQuery, group_by: Collection[GroupBy]) -> Expr | None:
    """Its filter without what only said that groups are known by which it is no longer grouped."""
    gone = {item.name for item in previous.group_by} - {item.name for item in group_by}

    def known(part: Expr) -> bool:
        return isinstance(part, IsNull) and part.negated and isinstance(part.arg, Field) and part.arg.name in gone

    return conjunction(*(part for part in conjuncts(previous.where) if not known(part)))


def _before(where: Expr | None, metrics: tuple[str, ...], builder: Builder) -> tuple[Expr | None, list[str]]:
    """The filter of the query before with the names that its fields have for these metrics, and the fields that they don't have."""
    lost: list[str] = []

    def named(leaf: Expr) -> Expr:
        if not isinstance(leaf, Field) or leaf.name == "metric_time":
            return leaf
        name = builder.again(leaf.name, metrics)
        if name is None:
            lost.append(leaf.name)
        return msgspec.structs.replace(leaf, name=name or leaf.name)

    return (replace_leaves(where, named) if where is not None else None), lost


def _groups(question: str, query: SemanticQuery, previous: SemanticQuery, builder: Builder) -> tuple[tuple[GroupBy, ...], list[str]]:
    """The group-by items, and those of the query before that the metrics don't have."""
    if query.group_by and _ADDS.search(question) is None:
        return query.group_by, []
    kept, missing = [], []
    for item in previous.group_by:
        name = item.name if item.name == "metric_time" else builder.again(item.name, query.metrics)
        if name is None:
            missing.append(item.name)
        else:
            kept.append(msgspec.structs.replace(item, name=name))
    times = any(item.name == "metric_time" for item in query.group_by)
    kept = [item for item in kept if not (times and item.name == "metric_time")]
    return tuple(dict.fromkeys((*kept, *query.group_by))), missing


def _filters(said: Expr | None, before: Expr | None) -> Expr | None:
    """Both; what is said of a dimension takes the place of what was said of it."""
    if said is None or before is None:
        return said if said is not None else before
    names = {field.name for field in fields(said)}
    parts = before.args if isinstance(before, And) else (before,)
    return conjunction(*(part for part in parts if names.isdisjoint(field.name for field in fields(part))), said)


def _renamed(order: Sequence[OrderBy], previous: SemanticQuery, query: SemanticQuery, names: Collection[str]) -> tuple[OrderBy, ...]:
    """The order before, by the new metric where it was by one that is no longer asked for."""
    found = []
    for one in order:
        if one.name in names:
            found.append(one)
        elif one.name in previous.metrics and query.metrics:
            found.append(OrderBy(query.metrics[0], one.descending))
    return tuple(dict.fromkeys(found))


def _of_others(previous: SemanticQuery, query: SemanticQuery) -> tuple[Calculation, ...]:
    """What was calculated of one metric, of the one that takes its place."""
    if len(previous.asked_metrics) != 1 or len(query.metrics) != 1:
        return ()
    shapes = (_of(one.shape, query.metrics[0]) for one in previous.calculations)
    return tuple(Calculation(default_name(shape), shape) for shape in shapes)


def _of(shape: Shape, metric: str) -> Shape:
    return MetricValue(metric) if isinstance(shape, MetricValue) else msgspec.structs.replace(shape, of=_of(shape.of, metric))


def _top(top: Top | None, names: Collection[str], columns: Collection[str]) -> Top | None:
    if top is None or not {*top.of, *top.per} <= set(columns) or (top.by and top.by not in names):
        return None
    return top


def _names(having: Expr | None) -> set[str]:
    return {field.name for field in fields(having)}


def _unit(span: TimeRange) -> Grain | None:
    """The longest unit whose beginning the range begins with and within one of which it lies."""
    if span.start is None or span.end is None:
        return None
    start, end = span.start, span.end
    return next((unit for unit in reversed(_UNITS) if first_day(start, unit) == start and first_day(end, unit) == start), None)
