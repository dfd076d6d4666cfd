"""Corrections of answers: the words of a question with the query that an admin approved for them, and what became of it."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from app.model.base import Node


class CorrectionState(StrEnum):
    """`pending` waits for its replay; `held` differs in something that was approved before and waits for an admin; `served` answers questions; `withdrawn` was
    given up; `superseded` made way for a later one."""

    PENDING = "pending"
    HELD = "held"
    SERVED = "served"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


class Correction(Node, frozen=True):
    """An approved pair: `question` as the admin wrote it, with `query` (canonical JSON of a SemanticQuery), or with `sql` for the engine `source`.

    `today` is the day on which both were approved: what a period of the question meant then is what the query's dates mean. `asked_by` is who asked and
    `approved_by` who corrected. `diff` (a JSON list of `Difference`) says why it is held, `broken` why it is not served although it could be.
    """

    id: str
    project_id: str
    feedback_id: str
    query_id: str
    asked_by: str
    question: str
    query: str
    sql: str
    source: str
    today: dt.date
    approved_by: str
    approved_at: dt.datetime
    layer_version: str
    state: CorrectionState = CorrectionState.PENDING
    diff: str = "[]"
    broken: str = ""
    decided_by: str = ""
    decided_at: dt.datetime | None = None
    reason: str = ""


class Difference(Node, frozen=True, omit_defaults=False):
    """An approved question that comes to something else than was approved: both as people read them, the queries as canonical JSON ("" where there is none)."""

    correction_id: str
    question: str
    approved: str
    now: str
    approved_query: str = ""
    now_query: str = ""


class Replay(Node, frozen=True):
    """The last time that all approved questions were replayed: with which models (`mark`), and what differed (a JSON list of `Difference`)."""

    mark: str
    replayed_at: dt.datetime
    diff: str
