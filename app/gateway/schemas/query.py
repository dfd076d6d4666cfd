"""Bodies of metric queries, and of the record of an earlier turn."""

from __future__ import annotations

import datetime as dt
import json
from typing import Annotated, Any, Literal

from pydantic import Field

from app.errors import Problem, UserError, Where
from app.gateway.schemas.ask import QUESTION, SOURCE
from app.gateway.schemas.base import Body, Reply
from app.gateway.schemas.semantic_query import semantic_query_of
from app.model.query import SemanticQuery
from app.model.records import QueryRecord
from app.model.shapes import Top, Totals
from app.service.request import QueryRequest

Name = Annotated[str, Field(min_length=1, max_length=1_000)]
Filter = Annotated[str, Field(min_length=1, max_length=10_000)]


class TopRequest(Body):
    """Only the groups with the greatest value of a metric or calculation, or with the least."""

    count: Annotated[int, Field(ge=1, le=100_000, examples=[5])]
    by: Annotated[str, Field(max_length=1_000, description="A metric or calculation; the first one without.")] = ""
    of: Annotated[
        list[Name], Field(default_factory=list, max_length=50, description="Items that make a group; without, all but times and `per`.")
    ]
    per: Annotated[list[Name], Field(default_factory=list, max_length=50, description="Items for each of which groups are chosen anew.")]
    least: bool = False
    other: Annotated[bool, Field(description="Whether what is left makes one more group.")] = False

    def to_top(self) -> Top:
        """The choice as a query has it."""
        return Top(self.count, self.by, tuple(self.of), tuple(self.per), self.least, self.other)


class MetricQuery(Body):
    """A metric query in the words of `mf query`; with `semantic_query` it is one that a choice offered, whole as it is."""

    metrics: Annotated[list[Name], Field(default_factory=list, max_length=200, examples=[["revenue"]])]
    group_by: Annotated[list[Name], Field(default_factory=list, max_length=200, examples=[["metric_time__month", "customer__country"]])]
    where: Annotated[
        list[Filter], Field(default_factory=list, max_length=50, examples=[["{{ Dimension('customer__country') }} = 'Germany'"]])
    ]
    having: Annotated[str, Field(max_length=10_000, examples=["revenue > 1000"])] = ""
    order: Annotated[list[Name], Field(default_factory=list, max_length=200, examples=[["-revenue"]])]
    limit: int | None = None
    start_time: Annotated[str, Field(max_length=40, examples=["2025-01-01"], description="The first day, or the first moment (ISO).")] = ""
    end_time: Annotated[str, Field(max_length=40, examples=["2025-12-31"], description="The last day, or the last moment (ISO).")] = ""
    saved_query: Annotated[str, Field(max_length=1_000)] = ""
    min_max_only: Annotated[bool, Field(description="Without metrics: only the least and the greatest value of each group-by item.")] = (
        False
    )
    apply_group_by: Annotated[
        bool, Field(description="Without metrics: each combination of values once (true), or as often as the rows have it (false).")
    ] = True
    calculations: Annotated[
        list[Filter], Field(default_factory=list, max_length=50, examples=[["yoy = percent_change(revenue, 1 year)", "share(revenue)"]])
    ]
    top: TopRequest | None = None
    totals: Annotated[
        Literal["", "grand", "all"],
        Field(description="`grand` adds a total, `all` also subtotals for each leading part of the group-by items."),
    ] = ""
    segments: Annotated[list[Name], Field(default_factory=list, max_length=50, description="Named filters of the layer.")]
    drill_down: Annotated[
        list[Name],
        Field(default_factory=list, max_length=50, description="Items to be followed by the next finer level of their hierarchy."),
    ]
    roll_up: Annotated[
        list[Name],
        Field(default_factory=list, max_length=50, description="Items to be replaced by the next coarser level of their hierarchy."),
    ]
    to_date: Annotated[
        str, Field(max_length=40, examples=["month"], description="Each period of this grain only as far as that of `as_of` has come.")
    ] = ""
    as_of: Annotated[str, Field(max_length=40, examples=["2026-06-21"], description="The day for `to_date`; without, today.")] = ""
    semantic_query: dict[str, Any] | None = None

    def to_query(self) -> SemanticQuery | QueryRequest:
        """What is asked, as the service takes it. Raises UserError DM7031 for a `semantic_query` that is none, or that something else is said beside."""
        if self.semantic_query is not None:
            self._check_whole()
            return semantic_query_of(self.semantic_query, "semantic_query", "send a choice's `query` as it came")
        return QueryRequest(
            tuple(self.metrics),
            tuple(self.group_by),
            tuple(self.where),
            self.having,
            tuple(self.order),
            self.limit,
            self.start_time,
            self.end_time,
            self.saved_query,
            self.min_max_only,
            self.apply_group_by,
            tuple(self.calculations),
            self.top.to_top() if self.top is not None else None,
            Totals(self.totals),
            tuple(self.segments),
            tuple(self.drill_down),
            tuple(self.roll_up),
            self.to_date,
            self.as_of,
        )

    def _check_whole(self) -> None:
        """A semantic query says all: what stands beside it would be passed over in silence. Raises UserError DM7031."""
        beside = [name for name in self._said() if name != "semantic_query"]
        if beside:
            raise _beside("semantic_query", "which is a whole query", beside, "change the semantic query, or leave it out")

    def _said(self) -> list[str]:
        """The parts of a metric query that the body says."""
        fields = MetricQuery.model_fields.items()
        return [name for name, field in fields if getattr(self, name) != field.get_default(call_default_factory=True)]


class MetricQueryRequest(MetricQuery):
    """A metric query for an engine; with `question` it is asked in words instead, and says nothing else but `source` and `comments`."""

    comments: Annotated[bool, Field(description="Whether `sql` tells each metric's description as a comment; it is never executed.")] = (
        False
    )
    question: QUESTION | None = None
    source: SOURCE = ""

    def in_words(self) -> str | None:
        """The question, None where a metric query is asked. Raises UserError DM7031 for one with parts of a metric query beside it."""
        if self.question is not None and (beside := self._said()):
            raise _beside("question", "which is asked alone", beside, "say it in the question, or leave the question out")
        return self.question


def _beside(what: str, which: str, names: list[str], hint: str) -> UserError:
    """DM7031 for each part that would be passed over in silence."""
    return UserError(*(Problem("DM7031", f"`{name}` stands beside `{what}`, {which}", where=Where(path=name), hint=hint) for name in names))


class QueryRecordReply(Reply):
    """An earlier turn as it is kept; rows never are. `answer` is null where the turn did not get that far."""

    query_id: str
    user_id: str
    door: str
    status: str = Field(examples=["succeeded"])
    created_at: dt.datetime
    question: str
    semantic_query: dict[str, Any] | None
    sql: str
    engine: str
    layer_version: str
    rows_returned: int
    execution_time_ms: float
    problem_code: str
    confidence: float
    answer: dict[str, Any] | None
    correlation_id: str


def record_body(record: QueryRecord) -> dict[str, Any]:
    """The record as QueryRecordReply has it."""
    return {
        "query_id": record.id,
        "user_id": record.user_id,
        "door": record.door,
        "status": record.status,
        "created_at": record.created_at,
        "question": record.question,
        "semantic_query": json.loads(record.semantic_query) if record.semantic_query else None,
        "sql": record.sql,
        "engine": record.engine,
        "layer_version": record.layer_version,
        "rows_returned": record.row_count,
        "execution_time_ms": record.elapsed_ms,
        "problem_code": record.problem_code,
        "confidence": record.confidence,
        "answer": json.loads(record.answer) if record.answer else None,
        "correlation_id": record.correlation_id,
    }
