"""The store's tables, as the newest migration leaves them. Columns carry the names of the records' fields; every tenant's row has `project_id`.

Ids compare bytewise (collation "C"), so that their order is the order of time whatever the server's locale.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

SCHEMAS = ("auth", "layer", "audit", "feedback", "jobs", "quality")
"""All schemas of the store; `quality` is made now and filled when freshness and test results are kept."""

metadata = sa.MetaData()


def storable(text: str) -> str:
    """The text as PostgreSQL can keep it: NUL and lone surrogates, which it refuses, become U+FFFD."""
    return text.replace("\x00", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class Text(sa.types.TypeDecorator[str]):
    """Text that is made storable wherever it is bound: what people type must be kept or looked up, never fail a statement."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Called by SQLAlchemy for each bound value."""
        return None if value is None else storable(value)


def _id(name: str = "id", *, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(name, Text(collation="C"), nullable=False, primary_key=primary_key)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, Text, nullable=False)


def _when(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


users = sa.Table(
    "users",
    metadata,
    _id(primary_key=True),
    _id("project_id"),
    _text("email"),
    _text("email_key"),
    _text("role"),
    _text("password_hash"),
    sa.Column("groups", JSONB, nullable=False),
    sa.Column("attributes", JSONB, nullable=False),
    sa.Column("disabled", sa.Boolean, nullable=False),
    _when("created_at", nullable=True),
    sa.UniqueConstraint("email_key", name="users_email_key"),
    sa.Index("users_project_id_id_idx", "project_id", "id"),
    sa.CheckConstraint("role IN ('viewer', 'analyst', 'admin')", name="users_role_check"),
    schema="auth",
)

refresh_tokens = sa.Table(
    "refresh_tokens",
    metadata,
    _id(primary_key=True),
    sa.Column(
        "user_id",
        Text(collation="C"),
        sa.ForeignKey("auth.users.id", ondelete="CASCADE", name="refresh_tokens_user_id_fkey"),
        nullable=False,
    ),
    _id("project_id"),
    _id("family"),
    _when("expires_at"),
    sa.Column("used", sa.Boolean, nullable=False),
    sa.Column("revoked", sa.Boolean, nullable=False),
    sa.Index("refresh_tokens_family_idx", "family"),
    sa.Index("refresh_tokens_user_id_idx", "user_id"),
    schema="auth",
)

documents = sa.Table(
    "documents",
    metadata,
    _id("document_hash", primary_key=True),
    _id("project_id", primary_key=True),
    sa.Column("document", sa.LargeBinary, nullable=False),
    schema="layer",
)

publications = sa.Table(
    "publications",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), nullable=False, unique=True),
    _id(primary_key=True),
    _id("project_id"),
    _text("layer_hash"),
    _id("document_hash"),
    _when("published_at"),
    _text("published_by"),
    _text("git_commit"),
    sa.ForeignKeyConstraint(
        ["document_hash", "project_id"], ["layer.documents.document_hash", "layer.documents.project_id"], name="publications_document_fkey"
    ),
    sa.Index("publications_project_id_seq_idx", "project_id", "seq"),
    schema="layer",
)

training_data = sa.Table(
    "training_data",
    metadata,
    _id("project_id", primary_key=True),
    _id("id", primary_key=True),
    _text("kind"),
    _text("content"),
    _text("question"),
    _text("subject"),
    sa.Column("origin", sa.Text, nullable=False, server_default="compiled"),
    schema="layer",
)

queries = sa.Table(
    "queries",
    metadata,
    _id(primary_key=True),
    _id("project_id"),
    _id("user_id"),
    _text("door"),
    _text("status"),
    _when("created_at"),
    _text("question"),
    _text("semantic_query"),
    _text("sql"),
    _text("engine"),
    _text("layer_version"),
    sa.Column("row_count", sa.BigInteger, nullable=False),
    sa.Column("elapsed_ms", sa.Double, nullable=False),
    _text("problem_code"),
    _text("correlation_id"),
    sa.Column("confidence", sa.Double, nullable=False),
    _text("answer"),
    sa.Index("queries_project_id_id_idx", "project_id", "id"),
    sa.Index("queries_project_id_user_id_id_idx", "project_id", "user_id", "id"),
    schema="jobs",
)

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
    sa.Index("feedback_project_id_id_idx", "project_id", "id"),
    sa.Index("feedback_project_id_status_id_idx", "project_id", "status", "id"),
    schema="feedback",
)

audit_log = sa.Table(
    "audit_log",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), nullable=False, unique=True),
    _id(primary_key=True),
    _id("project_id"),
    _when("at"),
    _text("event_type"),
    _id("user_id"),
    _text("component"),
    _text("status"),
    _text("correlation_id"),
    _text("ip_address"),
    _text("layer_version"),
    _text("policy_fingerprint"),
    _text("details"),
    sa.Index("audit_log_project_id_seq_idx", "project_id", "seq"),
    schema="audit",
)
