"""A metric query as people write it at every door → SemanticQuery."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec

from app.errors import Problem, UserError, Where, did_you_mean
from app.model.base import Node
from app.model.expr import And, Expr
from app.model.ontology import Ontology, SavedQuery
from app.model.query import OrderBy, SemanticQuery, TimeRange
from app.sql.expressions.fields import parse_group_by
from app.sql.expressions.parse import parse_where


class QueryRequest(Node, frozen=True):
    """The words of `mf query`: names as text, `where` in dbt's filter language or with plain dunder names, `order` items with a leading `-` to descend.

    `start_time` and `end_time` are ISO dates, both inclusive. A saved query is the start; what is given besides narrows or overrides it.
    """

    metrics: tuple[str, ...] = ()
    group_by: tuple[str, ...] = ()
    where: tuple[str, ...] = ()
    having: str = ""
    order: tuple[str, ...] = ()
    limit: int | None = None
    start_time: str = ""
    end_time: str = ""
    saved_query: str = ""


def semantic_query(request: QueryRequest, ontology: Ontology) -> SemanticQuery:
    """Parse the request. Raises UserError DM3110–DM3120 for text that does not parse, DM3093 for an unknown saved query, DM3092 for dates and limits."""
    start = _saved(request.saved_query, ontology) if request.saved_query else SemanticQuery()
    grains = _custom_grains(ontology)
    if request.limit is not None and request.limit < 1:
        raise UserError(Problem("DM3092", "the limit must be at least 1", where=Where(path="limit")))
    time = TimeRange(_date(request.start_time, "start_time"), _date(request.end_time, "end_time"))
    if time.start and time.end and time.start > time.end:
        raise UserError(Problem("DM3092", "the start of the period lies after its end", where=Where(path="start_time")))
    return msgspec.structs.replace(
        start,
        metrics=tuple(dict.fromkeys((*start.metrics, *request.metrics))),
        group_by=tuple(dict.fromkeys((*start.group_by, *(parse_group_by(item, grains) for item in request.group_by)))),
        where=_all_of(start.where, *(parse_where(text) for text in request.where)),
        having=parse_where(request.having) if request.having else start.having,
        time=time if time.start or time.end else start.time,
        order_by=tuple(_order(item) for item in request.order) or start.order_by,
        limit=request.limit if request.limit is not None else start.limit,
        saved_query=request.saved_query,
    )


def from_saved(saved: SavedQuery, ontology: Ontology) -> SemanticQuery:
    """What a dbt saved query asks for. Raises UserError DM31xx where an item does not parse."""
    grains = _custom_grains(ontology)
    return SemanticQuery(
        metrics=saved.metrics,
        group_by=tuple(parse_group_by(item, grains) for item in saved.group_by),
        where=_all_of(*(parse_where(text) for text in saved.where)),
        order_by=tuple(_order(item) for item in saved.order_by),
        limit=saved.limit,
        saved_query=saved.name,
    )


def _saved(name: str, ontology: Ontology) -> SemanticQuery:
    """The saved query of that name."""
    for saved in ontology.saved_queries:
        if saved.name == name:
            return from_saved(saved, ontology)
    raise UserError(
        Problem("DM3093", f"there is no saved query `{name}`", hint=did_you_mean(name, [s.name for s in ontology.saved_queries]))
    )


def _custom_grains(ontology: Ontology) -> tuple[str, ...]:
    """The names of the custom granularities of all time spines."""
    return tuple(name for spine in ontology.time_spines for name, _column in spine.custom)


def _all_of(*conditions: Expr | None) -> Expr | None:
    """All conditions together; None where there is none."""
    given: Sequence[Expr] = [condition for condition in conditions if condition is not None]
    if len(given) > 1:
        return And(tuple(given))
    return given[0] if given else None


def _order(item: str) -> OrderBy:
    """`-revenue` descends; a group-by item may be written as in `group_by`."""
    name = item.removeprefix("-").strip()
    if "(" in name:
        name = parse_group_by(name).column
    return OrderBy(name, item.startswith("-"))


def _date(text: str, path: str) -> dt.date | None:
    """An ISO date, or the date of an ISO timestamp; None for no text."""
    if not text:
        return None
    try:
        return dt.datetime.fromisoformat(text).date()
    except ValueError:
        raise UserError(
            Problem("DM3092", f"`{text[:40]}` is not a date", where=Where(path=path), hint="dates look like 2026-06-30")
        ) from None
