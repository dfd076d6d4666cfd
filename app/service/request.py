"""A metric query as people write it at every door → SemanticQuery."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import msgspec

from app.errors import Problem, UserError, Where
from app.model.base import Node
from app.model.ontology import Ontology
from app.model.query import SemanticQuery, TimeRange
from app.model.shapes import Top, Totals
from app.plan.grains import with_time_grain
from app.plan.ranges import in_whole_periods
from app.plan.whole_names import with_whole_names
from app.plan.written import written
from app.sql.calculations import parse_calculation
from app.sql.expressions.parse import parse_where
from app.sql.expressions.walk import conjunction
from app.sql.joins import JoinGraph

T = TypeVar("T")


class QueryRequest(Node, frozen=True):
    """The words of `mf query`: names as text, `where` in dbt's filter language or with plain dunder names, `order` items with a leading `-` to descend.

    `start_time` and `end_time` are ISO dates, both inclusive, and stretched to whole periods of the grain of `metric_time` asked for, or of
    the metrics' default, as MetricFlow has it. With a clock time (`2026-06-30T10:30`, in UTC where no zone is written) they begin and end
    within those days, where that grain is less than a day. A saved query is the start; what is given besides narrows or overrides it.

    `calculations` are texts such as `yoy = percent_change(revenue, 1 year)`; `top`, `totals`, `segments`, `drill_down`, `roll_up` and `to_date` are those of a
    SemanticQuery. `as_of` is an ISO date, without it today, or the range's last day where that is earlier.

    Without metrics, `min_max_only` asks for the least and greatest value of each group-by item, and `apply_group_by=False` for values as often
    as the rows have them.
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
    min_max_only: bool = False
    apply_group_by: bool = True
    calculations: tuple[str, ...] = ()
    top: Top | None = None
    totals: Totals = Totals.NONE
    segments: tuple[str, ...] = ()
    drill_down: tuple[str, ...] = ()
    roll_up: tuple[str, ...] = ()
    to_date: str = ""
    as_of: str = ""


def as_of(request: QueryRequest, today: dt.date) -> QueryRequest:
    """The request with the day to which its periods count, where they are to date and it names none."""
    if not request.to_date or request.as_of:
        return request
    end, _ = _moment(request.end_time, "end_time")
    return msgspec.structs.replace(request, as_of=min(end or today, today).isoformat())


def semantic_query(request: QueryRequest, ontology: Ontology, joins: JoinGraph) -> SemanticQuery:
    """Parse the request; a saved query is written out. Raises UserError DM31xx for text that does not parse, DM3011 for an unknown saved query,
    DM3092 for dates and limits."""
    if request.limit is not None and request.limit < 1:
        raise UserError(Problem("DM3092", "the limit must be at least 1", where=Where(path="limit")))
    time = _time(request)
    asked = SemanticQuery(
        metrics=tuple(dict.fromkeys(request.metrics)),
        group_by=tuple(dict.fromkeys(_read(joins.group_by, item, f"group_by[{at}]") for at, item in enumerate(request.group_by))),
        where=conjunction(*(_read(parse_where, text, f"where[{at}]") for at, text in enumerate(request.where))),
        time=time if time.bounded else None,
        having=_read(parse_where, request.having, "having") if request.having else None,
        order_by=tuple(_read(joins.order_by, item, f"order_by[{at}]") for at, item in enumerate(request.order)),
        limit=request.limit,
        saved_query=request.saved_query,
        min_max_only=request.min_max_only,
        apply_group_by=request.apply_group_by,
        calculations=tuple(_read(parse_calculation, text, f"calculations[{at}]") for at, text in enumerate(request.calculations)),
        top=request.top,
        totals=request.totals,
        segments=tuple(dict.fromkeys(request.segments)),
        drill_down=tuple(request.drill_down),
        roll_up=tuple(request.roll_up),
        to_date=request.to_date.lower(),
        as_of=_moment(request.as_of, "as_of")[0],
    )
    return with_whole_names(with_time_grain(in_whole_periods(written(asked, ontology, joins), joins), joins), joins)


def written_out(query: SemanticQuery, ontology: Ontology, joins: JoinGraph) -> SemanticQuery:
    """A query that was read already, as `semantic_query` would have it: its saved query written out, each name once.

    Raises UserError DM3011 for an unknown saved query, DM31xx for one that can't be read.
    """
    metrics, group_by = tuple(dict.fromkeys(query.metrics)), tuple(dict.fromkeys(query.group_by))
    return written(msgspec.structs.replace(query, metrics=metrics, group_by=group_by), ontology, joins)


def _read(parse: Callable[[str], T], text: str, path: str) -> T:
    """The parsed text. A Problem says in which part of the request its place is."""
    try:
        return parse(text)
    except UserError as error:
        raise UserError(*(replace(p, where=replace(p.where or Where(), path=path)) for p in error.problems)) from None


def _time(request: QueryRequest) -> TimeRange:
    """The range as it is written, with clock times where there are any."""
    start, start_clock = _moment(request.start_time, "start_time")
    end, end_clock = _moment(request.end_time, "end_time")
    if start and end and (start, start_clock or dt.time.min) > (end, end_clock or dt.time.max):
        raise UserError(Problem("DM3092", "the start of the period lies after its end", where=Where(path="start_time")))
    return TimeRange(start, end, start_clock=start_clock, end_clock=end_clock)


def _moment(text: str, path: str) -> tuple[dt.date | None, dt.time | None]:
    """The date, and the clock time where one is written; None for no text."""
    if not text:
        return None, None
    try:
        if len(text) <= len("2026-06-30"):
            return dt.date.fromisoformat(text), None
        moment = dt.datetime.fromisoformat(text)
        moment = moment if moment.tzinfo is None else moment.astimezone(dt.UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise UserError(
            Problem("DM3092", f"`{text[:40]}` is not a date", where=Where(path=path), hint="dates look like 2026-06-30")
        ) from None
    return moment.date(), moment.time()
