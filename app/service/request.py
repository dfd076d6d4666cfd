"""A metric query as people write it at every door → SemanticQuery."""

from __future__ import annotations

import datetime as dt

from app.errors import Problem, UserError, Where
from app.model.base import Node
from app.model.ontology import Ontology
from app.model.query import OrderBy, SemanticQuery, TimeRange
from app.plan.saved import expanded
from app.plan.span import in_whole_periods
from app.sql.expressions.parse import parse_where
from app.sql.expressions.walk import conjunction
from app.sql.joins import JoinGraph


class QueryRequest(Node, frozen=True):
    """The words of `mf query`: names as text, `where` in dbt's filter language or with plain dunder names, `order` items with a leading `-` to descend.

    `start_time` and `end_time` are ISO dates, both inclusive, and stretched to whole periods of the grain of `metric_time` asked for, as
    MetricFlow has it. A saved query is the start; what is given besides narrows or overrides it.
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


def semantic_query(request: QueryRequest, ontology: Ontology, joins: JoinGraph) -> SemanticQuery:
    """Parse the request; a saved query is written out. Raises UserError DM31xx for text that does not parse, DM3011 for an unknown saved query,
    DM3092 for dates and limits."""
    if request.limit is not None and request.limit < 1:
        raise UserError(Problem("DM3092", "the limit must be at least 1", where=Where(path="limit")))
    time = TimeRange(_date(request.start_time, "start_time"), _date(request.end_time, "end_time"))
    if time.start and time.end and time.start > time.end:
        raise UserError(Problem("DM3092", "the start of the period lies after its end", where=Where(path="start_time")))
    asked = SemanticQuery(
        metrics=tuple(dict.fromkeys(request.metrics)),
        group_by=tuple(dict.fromkeys(joins.group_by(item) for item in request.group_by)),
        where=conjunction(*(parse_where(text) for text in request.where)),
        time=time if time.start or time.end else None,
        having=parse_where(request.having) if request.having else None,
        order_by=tuple(_order(item, joins) for item in request.order),
        limit=request.limit,
        saved_query=request.saved_query,
    )
    return in_whole_periods(expanded(asked, ontology.saved_queries, joins), joins)


def _order(item: str, joins: JoinGraph) -> OrderBy:
    """`-revenue` descends; a group-by item may be written as in `group_by`."""
    name = item.strip().removeprefix("-").strip()
    return OrderBy(joins.group_by(name).column if "(" in name else name, item.strip().startswith("-"))


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
