"""Bodies of feedback, and of what admins make of it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import Field

from app.gateway.schemas.base import Body, Reply
from app.gateway.schemas.query import MetricQuery
from app.model.corrections import CorrectionState

Tag = Literal["flagged-for-review", "noted", "approved", "rejected", "all"]
EntryId = Annotated[str, Field(pattern=r"^fbk_[0-9a-f]{32}$")]
Reason = Annotated[str, Field(max_length=2_000, examples=["turnover is gross here"])]


class FlagRequest(Body):
    """What somebody says of an answer. `rating` is 1 (bad) to 5 (good): below 4 it is flagged for review, a thumb up is 5 and a thumb down 1."""

    query_id: Annotated[str, Field(pattern=r"^qry_[0-9a-f]{32}$")]
    comment: Annotated[str, Field(max_length=4_000, examples=["counts cancelled orders"])] = ""
    rating: Annotated[int, Field(ge=1, le=5)] = 1


class FlagReply(Reply):
    """The entry that was made, or changed where that person's entry of that answer is open. `message` says too where personal data in the comment was not kept."""

    feedback_id: str
    status: str = Field(examples=["flagged_for_review"])
    message: str
    correlation_id: str


class DifferenceReply(Reply):
    """An approved question that comes to something else than was approved."""

    correction_id: str
    question: str
    approved: str
    now: str
    approved_query: str
    now_query: str


class CorrectionReply(Reply):
    """A correction. `held` waits for an admin, since an approved question would be answered otherwise: `differences` says which; `broken` says why nobody is
    answered by it. `withheld` says that it compares with values that are not shown to the caller: question, query and SQL are left out."""

    id: str
    feedback_id: str
    query_id: str
    asked_by: str
    question: str
    query: dict[str, Any] | None
    sql: str
    source: str
    today: dt.date
    approved_by: str
    approved_at: dt.datetime
    layer_version: str
    state: CorrectionState
    broken: str
    decided_by: str
    decided_at: dt.datetime | None
    reason: str
    withheld: bool
    differences: list[DifferenceReply]


class WaitingReply(CorrectionReply):
    """A correction that waits for its replay, with the job that does it; "" where that is asked for within the minute."""

    job_id: str


class EntryReply(Reply):
    """What somebody said of an answer, with the asker's words and what they were told."""

    id: str
    query_id: str
    user_id: str
    rating: int
    comment: str
    status: str
    tag: str
    created_at: dt.datetime
    subject: str
    decided_by: str
    decided_at: dt.datetime | None
    reason: str
    age_seconds: int
    asked_by: str
    asked_at: dt.datetime | None
    question: str
    outcome: str
    restated: str
    confidence: float
    semantic_query: dict[str, Any] | None
    sql: str
    layer_version: str
    correction: CorrectionReply | None


class EntryPage(Reply):
    """Entries, newest first."""

    items: list[EntryReply]
    next_cursor: str | None


class CorrectionPage(Reply):
    """Corrections, newest first."""

    items: list[CorrectionReply]
    next_cursor: str | None


class ReplayReply(Reply):
    """The last replay of all approved questions: with which `models` (provider and model, or `none`), when (null where there was none), and what differed."""

    models: str
    replayed_at: dt.datetime | None
    differences: list[DifferenceReply]


class ApproveRequest(Body):
    """The question as it is to be answered from now on, with either of a query and SQL for an engine."""

    flagged_entry_id: EntryId
    question: Annotated[str, Field(min_length=1, max_length=2_000, examples=["turnover by country"])]
    corrected_query: MetricQuery | None = None
    corrected_sql: Annotated[str, Field(max_length=100_000)] = ""
    source: Annotated[Literal["", "postgres", "clickhouse"], Field(description="The engine of `corrected_sql`.")] = ""


class RejectRequest(Body):
    """Why nothing is wrong with an answer."""

    flagged_entry_id: EntryId
    reason: Reason


class ReasonRequest(Body):
    """Why an admin decides so."""

    reason: Reason


class PatchReply(Reply):
    """A change of the dbt project by which the question is answered without the correction: a unified diff, and what it says."""

    correction_id: str
    file: str
    patch: str
    message: str
