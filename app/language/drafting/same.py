"""Whether two queries ask the same. What only orders or names what is shown counts for nothing: an answer is given in one form, by whoever read the question."""

from __future__ import annotations

from contextlib import suppress

import msgspec

from app.errors import DataMindError
from app.model.expr import Expr, Field, In, IsNull, Literal
from app.model.ontology import Ontology
from app.model.query import SemanticQuery, TimeRange
from app.model.shapes import Compared, MetricValue, Shape, Show, Top, Totals
from app.plan.grains import with_time_grain
from app.plan.whole_names import with_whole_names
from app.plan.written import written
from app.sql.expressions.walk import conjuncts
from app.sql.joins import JoinGraph


def same(one: SemanticQuery, other: SemanticQuery, ontology: Ontology, joins: JoinGraph) -> bool:
    """Whether they mean one thing: the same metrics, groups, filters, period and choice of groups."""
    return _form(one, ontology, joins) == _form(other, ontology, joins)


def _form(query: SemanticQuery, ontology: Ontology, joins: JoinGraph) -> tuple[object, ...]:
    """What of a query its meaning hangs on."""
    with suppress(DataMindError):  # what can't be settled is compared as it is
        query = with_whole_names(with_time_grain(written(query, ontology, joins), joins), joins)
    limited = query.limit is not None
    time = query.time
    items = tuple(one.column for one in query.group_by)
    return (
        frozenset(query.asked_metrics),
        items if query.totals is Totals.ALL else frozenset(items),
        frozenset(_plain(part) for part in _conditions(query)),
        msgspec.structs.replace(time, phrase="") if time is not None and time.bounded else TimeRange(),
        frozenset(_renamed(part, query) for part in conjuncts(query.having)) if query.having is not None else frozenset(),
        frozenset(_whole(one.shape) for one in query.calculations),
        _top(query.top, query),
        (query.limit, query.order_by) if limited else None,
        query.totals,
        query.to_date,
        query.min_max_only,
        query.apply_group_by,
    )


def _conditions(query: SemanticQuery) -> list[Expr]:
    """The filter without that what is grouped by is known: a group more, of what has no name, makes no other question."""
    names = {item.name for item in query.group_by}
    parts = conjuncts(query.where) if query.where is not None else ()
    return [one for one in parts if not (isinstance(one, IsNull) and one.negated and isinstance(one.arg, Field) and one.arg.name in names)]


def _plain(part: Expr) -> Expr:
    """A list of options in one order."""
    if isinstance(part, In) and all(isinstance(one, Literal) for one in part.options):
        return msgspec.structs.replace(part, options=tuple(sorted(set(part.options), key=repr)))
    return part


def _whole(shape: Shape) -> Shape:
    """A comparison, whichever of its three columns it shows: the grounded interpreter shows them all."""
    return msgspec.structs.replace(shape, show=Show.VALUE) if isinstance(shape, Compared) else shape


def _renamed(part: Expr, query: SemanticQuery) -> str:
    """A condition with what its columns are in place of what they are called."""
    text = repr(part)
    for one in query.calculations:
        text = text.replace(repr(one.name), repr(one.shape))
    return text


def _top(top: Top | None, query: SemanticQuery) -> object:
    if top is None:
        return None
    by: Shape = next((one.shape for one in query.calculations if one.name == top.by), MetricValue(top.by or next(iter(query.metrics), "")))
    items = frozenset(one.column for one in query.group_by)
    of = frozenset(top.of) or items - frozenset(top.per)
    return (top.count, by, of, frozenset(top.per), top.least, top.other)
