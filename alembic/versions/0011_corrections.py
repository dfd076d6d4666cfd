"""Answers that were corrected: what admins approved, what became of a flag, and the last replay of all approved questions."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SCHEMA = "feedback"


def _id(name: str = "id") -> sa.Column:
    return sa.Column(name, sa.Text(collation="C"), nullable=False)


def _text(name: str, default: str | None = None) -> sa.Column:
    return sa.Column(name, sa.Text, nullable=False, server_default=default)


def _when(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.add_column("feedback", _text("subject", ""), schema=SCHEMA)
    op.add_column("feedback", _text("decided_by", ""), schema=SCHEMA)
    op.add_column("feedback", _when("decided_at", nullable=True), schema=SCHEMA)
    op.add_column("feedback", _text("reason", ""), schema=SCHEMA)
    # What was said twice of one answer stays, and the newest of it alone is open.
    op.execute(
        "UPDATE feedback.feedback f SET status = 'repeated' WHERE status = 'flagged_for_review' AND EXISTS (SELECT 1 FROM feedback.feedback o"
        " WHERE o.project_id = f.project_id AND o.query_id = f.query_id AND o.user_id = f.user_id AND o.status = f.status AND o.id > f.id)"
    )
    op.create_index(
        "feedback_open_idx", "feedback", ["project_id", "query_id", "user_id"], unique=True, schema=SCHEMA,
        postgresql_where=sa.text("status IN ('flagged_for_review', 'noted')"),
    )  # fmt: skip
    op.create_table(
        "corrections",
        _id(),
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
        sa.PrimaryKeyConstraint("id", name="corrections_pkey"),
        schema=SCHEMA,
    )
    op.create_index("corrections_project_id_state_id_idx", "corrections", ["project_id", "state", "id"], schema=SCHEMA)
    op.create_table(
        "replays",
        _id("project_id"),
        _text("mark"),
        _when("replayed_at"),
        _text("diff"),
        sa.PrimaryKeyConstraint("project_id", name="replays_pkey"),
        schema=SCHEMA,
    )


def downgrade() -> None:
    op.drop_table("replays", schema=SCHEMA)
    op.drop_table("corrections", schema=SCHEMA)
    op.drop_index("feedback_open_idx", "feedback", schema=SCHEMA)
    for name in ("reason", "decided_at", "decided_by", "subject"):
        op.drop_column("feedback", name, schema=SCHEMA)
