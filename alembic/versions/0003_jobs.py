"""Jobs with their events, and the digests of messages that may make a job once."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _id(name: str = "id") -> sa.Column:
    return sa.Column(name, sa.Text(collation="C"), nullable=False)


def _texts(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _when(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "jobs",
        _id(),
        _id("project_id"),
        *_texts("kind", "arguments", "trigger"),
        _id("requested_by"),
        _when("created_at"),
        _when("due_at"),
        *_texts("state"),
        sa.Column("attempts", sa.Integer, nullable=False),
        _when("started_at", nullable=True),
        _when("finished_at", nullable=True),
        *_texts("problems", "result", "correlation_id"),
        sa.PrimaryKeyConstraint("id", name="jobs_pkey"),
        schema="jobs",
    )
    op.create_index("jobs_project_id_id_idx", "jobs", ["project_id", "id"], schema="jobs")
    op.create_index("jobs_project_id_state_id_idx", "jobs", ["project_id", "state", "id"], schema="jobs")
    op.create_table(
        "events",
        sa.Column("seq", sa.BigInteger, sa.Identity(always=True), nullable=False),
        _id("job_id"),
        _id("project_id"),
        _when("at"),
        *_texts("kind", "data"),
        sa.PrimaryKeyConstraint("seq", name="events_pkey"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.jobs.id"], ondelete="CASCADE", name="events_job_id_fkey"),
        schema="jobs",
    )
    op.create_index("events_job_id_seq_idx", "events", ["job_id", "seq"], schema="jobs")
    op.create_index("events_project_id_seq_idx", "events", ["project_id", "seq"], schema="jobs")
    op.create_table(
        "once",
        _id("project_id"),
        _id("digest"),
        _when("at"),
        sa.PrimaryKeyConstraint("project_id", "digest", name="once_pkey"),
        schema="jobs",
    )
    op.create_table("seen", _id("project_id"), *_texts("content"), sa.PrimaryKeyConstraint("project_id", name="seen_pkey"), schema="jobs")


def downgrade() -> None:
    for table in ("seen", "once", "events", "jobs"):
        op.drop_table(table, schema="jobs")
