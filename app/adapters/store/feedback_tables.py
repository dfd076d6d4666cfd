"""The tables of the schema `feedback`, as the newest migration leaves them; `tables` says what holds for all."""

from __future__ import annotations

import sqlalchemy as sa

from app.adapters.store.columns import Text
from app.adapters.store.columns import id_column as _id
from app.adapters.store.columns import text_column as _text
from app.adapters.store.columns import time_column as _when
from app.adapters.store.tables import metadata

SCHEMA = "feedback"
OPEN = ("flagged_for_review", "noted")
"""Statuses of entries that a person may still change by saying something else of the same answer."""
IS_OPEN = sa.text(f"status IN {OPEN}")


def _later_text(name: str) -> sa.Column[str]:
    return sa.Column(name, Text, nullable=False, server_default="")


feedback = sa.Table(
    "feedback",
    metadata,
    _id(primary_key=True),
    _id("project_id"),
    _id("query_id"),
    _id("user_id"),
    sa.Column("rating", sa.Integer, nullable=False),
    _text("comment"),
    _text("status"),
    _when("created_at"),
    _later_text("subject"),
    _later_text("decided_by"),
    _when("decided_at", nullable=True),
    _later_text("reason"),
    sa.Index("feedback_project_id_id_idx", "project_id", "id"),
    sa.Index("feedback_project_id_status_id_idx", "project_id", "status", "id"),
    sa.Index(
        "feedback_open_idx",
        "project_id",
        "query_id",
        "user_id",
        unique=True,
        postgresql_where=IS_OPEN,
    ),
    schema=SCHEMA,
)
"""One open entry of a person and an answer: saying it again changes it. `subject` is the training item on which the answer rests."""

corrections = sa.Table(
    "corrections",
    metadata,
    _id(primary_key=True),
    _id("project_id"),
    _id("feedback_id"),
    _id("query_id"),
    _id("asked_by"),
    _text("question"),
    _text("query"),
    _text("sql"),
    _text("source"),
    sa.Column("today", sa.Date, nullable=False),
    _id("approved_by"),
    _when("approved_at"),
    _text("layer_version"),
    _text("state"),
    _text("diff"),
    _text("broken"),
    _text("decided_by"),
    _when("decided_at", nullable=True),
    _text("reason"),
    sa.Index("corrections_project_id_state_id_idx", "project_id", "state", "id"),
    schema=SCHEMA,
)

replays = sa.Table(
    "replays",
    metadata,
    _id("project_id", primary_key=True),
    _text("mark"),
    _when("replayed_at"),
    _text("diff"),
    schema=SCHEMA,
)
"""With which models the approved questions were last replayed, and what of them differed."""

model_gates = sa.Table(
    "model_gates",
    metadata,
    _id(primary_key=True),
    _id("project_id"),
    _id("provider"),
    _id("model"),
    _when("created_at"),
    _text("state"),
    _text("heard"),
    sa.Column("approved", sa.Integer, nullable=False),
    _text("fault"),
    sa.Column("tries", sa.Integer, nullable=False),
    _when("tried_at", nullable=True),
    _when("replayed_at", nullable=True),
    _id("decided_by"),
    _when("decided_at", nullable=True),
    _text("reason"),
    _later_text("layer_version"),
    sa.Column("address", Text(collation="C"), nullable=False, server_default=""),
    sa.Index("model_gates_model_idx", "project_id", "provider", "model", "address", unique=True),
    schema=SCHEMA,
)
"""Whether a provider's model may draft for a project, and what it made of the approved questions."""
