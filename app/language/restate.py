"""A query in words: one line that a person can check."""

from __future__ import annotations

from app.language.by_time import is_single
from app.language.calculations import before_words, calculation_words, item_words
from app.language.naming import label_of
from app.language.say import Labels, day, say
from app.model.expr import Expr, Field, IsNull
from app.model.ontology import Ontology
from app.model.periods import moved
from app.model.query import GroupBy, SemanticQuery, TimeRange
from app.model.shapes import Compared, MetricValue, Moving, Shape, Show, Top, Totals, metric_of
from app.model.types import Grain
from app.sql.expressions.walk import conjunction, conjuncts

_WEEKDAY = "day of the week"


def restate(query: SemanticQuery, ontology: Ontology) -> str:
    """`Revenue by country, 1 Apr 2026 to 30 Jun 2026, where sales channel is web, top 5 by revenue`."""
    return restate_with(query, Labels(ontology))


def restate_with(query: SemanticQuery, labels: Labels) -> str:
    """The same with labels at hand: restating many queries of one layer costs one index."""
    groups = [group_words(item, labels) for item in query.group_by]
    averaged = averaged_words(query, labels)
    if averaged:
        head = averaged
    elif query.metrics or query.calculations:
        whole, others = _whole_comparisons(query)
        head = _listed([*(labels.metric(name) for name in query.metrics), *(calculation_words(shape, labels) for shape in others)])
        head += f" compared with {before_words(whole)}" if whole is not None else ""
        head += f" by {_listed(groups)}" if groups else ""
    elif groups and query.min_max_only:
        head = f"Lowest and highest {_listed(groups)}"
    elif groups:
        head = f"List of {_listed(groups)}" if query.apply_group_by else f"{_listed(groups)} of every row"
    else:
        head = f"Saved query {label_of(query.saved_query, '')}" if query.saved_query else "Nothing"
    parts = [head[:1].upper() + head[1:]]
    if query.time and (query.time.start or query.time.end) and not averaged:
        parts += [up_to(query.time)] if totals_of_all_time(query, labels) else [range_words(query.time)]
    where = said_filter(query)
    if where is not None:
        parts.append(f"where {say(where, labels)}")
    if query.having is not None:
        parts.append(f"only with {say(query.having, labels)}")
    return ", ".join(part for part in [*parts, *shape_words(query, labels), *_order(query, labels)] if part)


def said_filter(query: SemanticQuery) -> Expr | None:
    """The filter, without that a group is known: what is not known is none of the groups that are named."""
    names = {item.name for item in query.group_by}
    parts = (
        (
            part
            for part in conjuncts(query.where)
            if not (isinstance(part, IsNull) and part.negated and isinstance(part.arg, Field) and part.arg.name in names)
        )
        if query.where is not None
        else ()
    )
    return conjunction(*parts)


def averaged_words(query: SemanticQuery, labels: Labels) -> str:
    """`Average revenue per day that has any, 1 Jun 2026 to 30 Jun 2026`, "" where the query is none of those that `averages` makes."""
    times = [item for item in query.group_by if item.name == "metric_time"]
    shapes = [one.shape for one in query.calculations]
    if query.metrics or len(times) != 1 or times[0].grain not in set(Grain) or query.time is None or query.time.start is None:
        return ""
    grain = Grain(times[0].grain)
    if (
        not shapes
        or not is_single(grain, query.time)
        or not all(isinstance(shape, Moving) and shape.function == "average" for shape in shapes)
    ):
        return ""
    periods = {shape.periods for shape in shapes if isinstance(shape, Moving)}
    if len(periods) != 1:
        return ""
    start = moved(query.time.start, grain, 1 - periods.pop())
    groups = [group_words(item, labels) for item in query.group_by if item not in times]
    names = _listed([labels.metric(metric_of(shape)) for shape in shapes])
    by = f" by {_listed(groups)}" if groups else ""
    return f"Average {names[:1].lower()}{names[1:]} per {grain.value} that has any{by}, {range_words(TimeRange(start, query.time.end))}"


def _whole_comparisons(query: SemanticQuery) -> tuple[Compared | None, list[Shape]]:
    """One of the comparisons, where each metric is shown with what it was at one earlier time, the difference and the percentage; and what else is calculated."""
    shapes = [one.shape for one in query.calculations]
    compared = [shape for shape in shapes if isinstance(shape, Compared) and isinstance(shape.of, MetricValue)]
    first = compared[0] if compared else None
    whole = first is not None and set(compared) == {
        Compared(MetricValue(name), first.back, show, first.same_weekday) for name in query.metrics for show in Show
    }
    return (first, [shape for shape in shapes if shape not in compared]) if whole else (None, shapes)


def shape_words(query: SemanticQuery, labels: Labels) -> list[str]:
    """What else shapes the rows: segments, how far periods count, the first groups, totals."""
    words = [f"only {label_of(name, '').lower()}" for name in query.segments]
    if query.to_date:
        words.append(
            f"each {query.to_date} as far as it had come by {day(query.as_of)}" if query.as_of else f"each {query.to_date} to date"
        )
    if query.top is not None:
        words.append(_top_words(query.top, query, labels))
    words += {Totals.GRAND: ["with a total"], Totals.ALL: ["with subtotals and a total"]}.get(query.totals, [])
    return words


def _top_words(top: Top, query: SemanticQuery, labels: Labels) -> str:
    """`top 5 countries by revenue for each month, the rest together`."""
    named = {one.name: calculation_words(one.shape, labels) for one in query.calculations}
    by = top.by or next(iter((*query.metrics, *named)), "")
    of = " and ".join(item_words(item, labels) for item in top.of)
    words = f"{'bottom' if top.least else 'top'} {top.count}{f' of {of}' if of else ''} by {named.get(by) or labels.metric(by).lower()}"
    words += f" for each {' and '.join(item_words(item, labels) for item in top.per)}" if top.per else ""
    return words + (", the rest together" if top.other else "")


def group_words(item: GroupBy, labels: Labels) -> str:
    """`country`, `month`, `day of the week`, `delivery date by month`."""
    name = "__".join((*item.path, item.name))
    if item.name == "metric_time":
        if item.date_part:
            return _WEEKDAY if item.date_part == "dow" else f"{item.date_part} number"
        return item.grain or "time"
    words = labels.field(name)
    if item.date_part:
        return f"{item.date_part} of {words}"
    return f"{words} by {item.grain}" if item.grain else words


def totals_of_all_time(query: SemanticQuery, labels: Labels) -> bool:
    """Whether the range's start says nothing: all metrics are of all time, and there is no time to group by."""
    return (
        bool(query.metrics) and all(map(labels.is_of_all_time, query.metrics)) and not any(g.grain or g.date_part for g in query.group_by)
    )


def up_to(span: TimeRange) -> str:
    """`up to 30 Jun 2026`, nothing where there is no end."""
    return f"up to {day(span.end)}" if span.end else ""


def range_words(span: TimeRange) -> str:
    """`1 Apr 2026 to 30 Jun 2026`, `14 Jul 2026`, `since 1 Mar 2026`, `until 31 Mar 2026`."""
    if span.start and span.end:
        return day(span.start) if span.start == span.end else f"{day(span.start)} to {day(span.end)}"
    if span.start:
        return f"since {day(span.start)}"
    return f"until {day(span.end)}" if span.end else "all of time"


def _order(query: SemanticQuery, labels: Labels) -> list[str]:
    if not query.order_by:
        return [f"first {query.limit} rows"] if query.limit is not None else []
    words = []
    columns = {item.column: group_words(item, labels) for item in query.group_by}
    for item in query.order_by:
        name = columns.get(item.name) or (labels.metric(item.name).lower() if item.name in query.metrics else labels.field(item.name))
        words.append((name, item.descending, item.name in query.metrics))
    first, descending, is_metric = words[0]
    if is_metric and len(words) == 1:
        if query.limit is not None:
            return [f"{'top' if descending else 'bottom'} {query.limit} by {first}"]
        return [f"{'highest' if descending else 'lowest'} {first} first"]
    order = "ordered by " + ", ".join(name + (" descending" if down else "") for name, down, _ in words)
    only_time = len(words) == 1 and not descending and query.limit is None and query.order_by[0].name.startswith("metric_time")
    return ([] if only_time else [order]) + ([f"first {query.limit} rows"] if query.limit is not None else [])


def _listed(words: list[str]) -> str:
    lowered = [words[0], *(w if w.isupper() else w[:1].lower() + w[1:] for w in words[1:])]
    return lowered[0] if len(lowered) == 1 else ", ".join(lowered[:-1]) + " and " + lowered[-1]
