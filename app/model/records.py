"""What the gateway's own store keeps: users, queries, feedback, training items. Every record belongs to a project."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import NamedTuple

from app.model.base import Node
from app.model.principal import Role


class User(Node, frozen=True):
    """A person who may sign in. `password_hash` is argon2id; `attributes` are what row filters read."""

    id: str
    email: str
    role: Role
    project_id: str
    password_hash: str
    groups: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    disabled: bool = False
    created_at: dt.datetime | None = None


class RefreshToken(Node, frozen=True):
    """A refresh token in use: `id` is its `jti`, `family` the sign-in it descends from; a used one that comes back revokes the family (RFC 9700, 4.14.2)."""

    id: str
    user_id: str
    project_id: str
    family: str
    expires_at: dt.datetime
    used: bool = False
    revoked: bool = False


class QueryRecord(Node, frozen=True):
    """One turn, as kept: who asked what through which door and what came of it. Rows are never kept. `status` is succeeded, failed, refused, clarify or generated."""

    id: str
    project_id: str
    user_id: str
    door: str
    status: str
    created_at: dt.datetime
    question: str = ""
    semantic_query: str = ""
    sql: str = ""
    engine: str = ""
    layer_version: str = ""
    row_count: int = 0
    elapsed_ms: float = 0.0
    problem_code: str = ""
    correlation_id: str = ""
    confidence: float = 0.0
    answer: str = ""
    """Canonical JSON of the Answer without its rows, for GET /query/{id}."""


class AskedQuery(NamedTuple):
    """A query that questions of one person came to, and how many they were."""

    semantic_query: str
    user_id: str
    times: int


class TrainingKind(StrEnum):
    """Vanna's three kinds of training items."""

    DDL = "ddl"
    DOCUMENTATION = "documentation"
    QUESTION_SQL = "question_sql"


class TrainingItem(Node, frozen=True):
    """Something that retrieval may show a model; `id` is the content's hash. `question` is set for question–SQL pairs only."""

    id: str
    kind: TrainingKind
    content: str
    question: str = ""
    subject: str = ""


class Example(NamedTuple):
    """A saved query as a question with its SQL."""

    question: str
    sql: str
    saved_query: str


FLAGGED = "flagged_for_review"
"""The status of feedback that waits for an admin."""
APPROVED = "approved"
"""The status of feedback for which an admin corrected the answer."""


class FeedbackEntry(Node, frozen=True):
    """What a person said of an answer, and what an admin decided of that. `subject` is the training item on which the answer rests, "" where it is none."""

    id: str
    project_id: str
    query_id: str
    user_id: str
    rating: int
    comment: str
    status: str
    created_at: dt.datetime
    subject: str = ""
    decided_by: str = ""
    decided_at: dt.datetime | None = None
    reason: str = ""


class DbtRunRecord(Node, frozen=True):
    """A run of dbt: `target` is the dbt target that it worked on, `selection` what was selected, as people write it. `status` is running, then succeeded,
    failed (nodes or tests), broken (dbt itself) or cancelled; `died` is found out by the next run, at whose beginning it is said to have ended."""

    id: str
    project_id: str
    target: str
    command: str
    requested_by: str
    started_at: dt.datetime
    selection: str = ""
    status: str = "running"
    ended_at: dt.datetime | None = None
