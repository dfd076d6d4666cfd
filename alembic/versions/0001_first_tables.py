"""First tables: users, refresh tokens, layers, training data, turns, feedback, the audit trail."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMAS = ("auth", "layer", "audit", "feedback", "jobs", "quality")

APPEND_ONLY = """
CREATE FUNCTION audit.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit.audit_log is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$
"""


def _id(name: str = "id") -> sa.Column:
    return sa.Column(name, sa.Text(collation="C"), nullable=False)


def _texts(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _when(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _sequence() -> sa.Column:
    return sa.Column("seq", sa.BigInteger, sa.Identity(always=True), nullable=False)


def upgrade() -> None:
    for schema in SCHEMAS:
        op.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    _auth()
    _layer()
    _turns()
    _audit()


def _auth() -> None:
    op.create_table(
        "users",
        _id(),
        _id("project_id"),
        *_texts("email", "email_key", "role", "password_hash"),
        sa.Column("groups", JSONB, nullable=False),
        sa.Column("attributes", JSONB, nullable=False),
        sa.Column("disabled", sa.Boolean, nullable=False),
        _when("created_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="users_pkey"),
        sa.UniqueConstraint("email_key", name="users_email_key"),
        sa.CheckConstraint("role IN ('viewer', 'analyst', 'admin')", name="users_role_check"),
        schema="auth",
    )
    op.create_index("users_project_id_id_idx", "users", ["project_id", "id"], schema="auth")
    op.create_table(
        "refresh_tokens",
        _id(),
        _id("user_id"),
        _id("project_id"),
        _id("family"),
        _when("expires_at"),
        sa.Column("used", sa.Boolean, nullable=False),
        sa.Column("revoked", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="refresh_tokens_pkey"),
        sa.ForeignKeyConstraint(["user_id"], ["auth.users.id"], ondelete="CASCADE", name="refresh_tokens_user_id_fkey"),
        schema="auth",
    )
    op.create_index("refresh_tokens_family_idx", "refresh_tokens", ["family"], schema="auth")
    op.create_index("refresh_tokens_user_id_idx", "refresh_tokens", ["user_id"], schema="auth")


def _layer() -> None:
    op.create_table(
        "documents",
        _id("document_hash"),
        _id("project_id"),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("document_hash", "project_id", name="documents_pkey"),
        schema="layer",
    )
    op.create_table(
        "publications",
        _sequence(),
        _id(),
        _id("project_id"),
        *_texts("layer_hash"),
        _id("document_hash"),
        _when("published_at"),
        *_texts("published_by", "git_commit"),
        sa.PrimaryKeyConstraint("id", name="publications_pkey"),
        sa.UniqueConstraint("seq", name="publications_seq_key"),
        sa.ForeignKeyConstraint(
            ["document_hash", "project_id"],
            ["layer.documents.document_hash", "layer.documents.project_id"],
            name="publications_document_fkey",
        ),
        schema="layer",
    )
    op.create_index("publications_project_id_seq_idx", "publications", ["project_id", "seq"], schema="layer")
    op.create_table(
        "training_data",
        _id("project_id"),
        _id(),
        *_texts("kind", "content", "question", "subject"),
        sa.Column("origin", sa.Text, nullable=False, server_default="compiled"),
        sa.PrimaryKeyConstraint("project_id", "id", name="training_data_pkey"),
        schema="layer",
    )


def _turns() -> None:
    op.create_table(
        "queries",
        _id(),
        _id("project_id"),
        _id("user_id"),
        *_texts("door", "status"),
        _when("created_at"),
        *_texts("question", "semantic_query", "sql", "engine", "layer_version"),
        sa.Column("row_count", sa.BigInteger, nullable=False),
        sa.Column("elapsed_ms", sa.Double, nullable=False),
        *_texts("problem_code", "correlation_id"),
        sa.Column("confidence", sa.Double, nullable=False),
        *_texts("answer"),
        sa.PrimaryKeyConstraint("id", name="queries_pkey"),
        schema="jobs",
    )
    op.create_index("queries_project_id_id_idx", "queries", ["project_id", "id"], schema="jobs")
    op.create_index("queries_project_id_user_id_id_idx", "queries", ["project_id", "user_id", "id"], schema="jobs")
    op.create_table(
        "feedback",
        _id(),
        _id("project_id"),
        _id("query_id"),
        _id("user_id"),
        sa.Column("rating", sa.Integer, nullable=False),
        *_texts("comment", "status"),
        _when("created_at"),
        sa.PrimaryKeyConstraint("id", name="feedback_pkey"),
        schema="feedback",
    )
    op.create_index("feedback_project_id_id_idx", "feedback", ["project_id", "id"], schema="feedback")
    op.create_index("feedback_project_id_status_id_idx", "feedback", ["project_id", "status", "id"], schema="feedback")


def _audit() -> None:
    op.create_table(
        "audit_log",
        _sequence(),
        _id(),
        _id("project_id"),
        _when("at"),
        *_texts("event_type"),
        _id("user_id"),
        *_texts("component", "status", "correlation_id", "ip_address", "layer_version", "policy_fingerprint", "details"),
        sa.PrimaryKeyConstraint("id", name="audit_log_pkey"),
        sa.UniqueConstraint("seq", name="audit_log_seq_key"),
        schema="audit",
    )
    op.create_index("audit_log_project_id_seq_idx", "audit_log", ["project_id", "seq"], schema="audit")
    op.execute(APPEND_ONLY)
    op.execute(
        "CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.audit_log "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change()"
    )
    op.execute("REVOKE UPDATE, DELETE, TRUNCATE ON audit.audit_log FROM PUBLIC")


def downgrade() -> None:
    for schema in reversed(SCHEMAS):
        op.execute(f"DROP SCHEMA {schema} CASCADE")
