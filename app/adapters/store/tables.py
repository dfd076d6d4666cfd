"""The store's tables, as the newest migration leaves them. Columns carry the names of the records' fields; every tenant's row has `project_id`.

Ids compare bytewise (collation "C"), so that their order is the order of time whatever the server's locale.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from app.adapters.store.columns import Text
from app.adapters.store.columns import id_column as _id
from app.adapters.store.columns import text_column as _text
from app.adapters.store.columns import time_column as _when

SCHEMAS = ("auth", "layer", "audit", "feedback", "jobs", "quality", "policy", "conversation")
"""All schemas of the store."""

QUERY_OF_AUDIT = 'substring(details, \'"query_id":"(qry_[0-9a-f]{32})"\')'
"""The query that an audit record is of: in the canonical JSON of its details no text that somebody typed can look like this, since quotes in it are escaped."""

metadata = sa.MetaData()

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
    sa.Column("number", sa.Integer, nullable=False),
    _text("origin"),
    _text("reason"),
    _text("worst"),
    sa.Column("restores", sa.Integer, nullable=False),
    _text("code_hash"),
    sa.UniqueConstraint("project_id", "number", name="publications_project_id_number_key"),
    sa.ForeignKeyConstraint(
        ["document_hash", "project_id"], ["layer.documents.document_hash", "layer.documents.project_id"], name="publications_document_fkey"
    ),
    sa.Index("publications_project_id_seq_idx", "project_id", "seq"),
    schema="layer",
)

codes = sa.Table(
    "codes",
    metadata,
    _id("project_id", primary_key=True),
    _id("code_hash", primary_key=True),
    sa.Column("code", sa.LargeBinary, nullable=False),
    schema="layer",
)

reports = sa.Table(
    "reports",
    metadata,
    _id("project_id", primary_key=True),
    _id("old_hash", primary_key=True),
    _id("new_hash", primary_key=True),
    sa.Column("report", sa.LargeBinary, nullable=False),
    schema="layer",
)

candidates = sa.Table(
    "candidates",
    metadata,
    _id(primary_key=True),
    _id("project_id"),
    _text("layer_hash"),
    _id("document_hash"),
    _id("base_hash"),
    _when("compiled_at"),
    _text("compiled_by"),
    _text("git_commit"),
    _text("worst"),
    sa.Column("causes", JSONB, nullable=False),
    _text("code_hash"),
    _text("state"),
    _when("decided_at", nullable=True),
    _text("decided_by"),
    _text("reason"),
    sa.Index("candidates_project_id_id_idx", "project_id", "id"),
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

training_sets = sa.Table(
    "training_sets",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), nullable=False, unique=True),
    _id("project_id", primary_key=True),
    _id("document_hash", primary_key=True),
    sa.Column("ids", sa.ARRAY(Text(collation="C")), nullable=False),
    schema="layer",
)
"""Which items a layer has; `seq` grows each time that it is trained."""

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

jobs = sa.Table(
    "jobs",
    metadata,
    _id(primary_key=True),
    _id("project_id"),
    _text("kind"),
    _text("arguments"),
    _text("trigger"),
    _id("requested_by"),
    _when("created_at"),
    _when("due_at"),
    _text("state"),
    sa.Column("attempts", sa.Integer, nullable=False),
    _when("started_at", nullable=True),
    _when("finished_at", nullable=True),
    _text("problems"),
    _text("result"),
    _text("correlation_id"),
    sa.Index("jobs_project_id_id_idx", "project_id", "id"),
    sa.Index("jobs_project_id_state_id_idx", "project_id", "state", "id"),
    schema="jobs",
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("job_id", Text(collation="C"), sa.ForeignKey("jobs.jobs.id", ondelete="CASCADE", name="events_job_id_fkey"), nullable=False),
    _id("project_id"),
    _when("at"),
    _text("kind"),
    _text("data"),
    sa.Index("events_job_id_seq_idx", "job_id", "seq"),
    sa.Index("events_project_id_seq_idx", "project_id", "seq"),
    schema="jobs",
)

once = sa.Table(
    "once",
    metadata,
    _id("project_id", primary_key=True),
    _id("digest", primary_key=True),
    _when("at"),
    schema="jobs",
)

seen = sa.Table("seen", metadata, _id("project_id", primary_key=True), _text("content"), schema="jobs")

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
    sa.Column("email", Text, nullable=False, server_default=""),
    sa.Column("sequence", sa.BigInteger, nullable=True),
    sa.Column("previous_hash", Text, nullable=False, server_default=""),
    sa.Column("hash", Text, nullable=False, server_default=""),
    sa.Column("key_id", Text, nullable=False, server_default=""),
    sa.Column("hmac", Text, nullable=False, server_default=""),
    sa.UniqueConstraint("project_id", "sequence", name="audit_log_project_id_sequence_key"),
    sa.Index("audit_log_project_id_seq_idx", "project_id", "seq"),
    sa.Index("audit_log_project_id_user_id_seq_idx", "project_id", "user_id", "seq"),
    sa.Index("audit_log_project_id_correlation_id_seq_idx", "project_id", "correlation_id", "seq"),
    sa.Index("audit_log_project_id_at_idx", "project_id", "at"),
    sa.Index(
        "audit_log_project_id_query_seq_idx",
        "project_id",
        sa.text(f"({QUERY_OF_AUDIT})"),
        "seq",
        postgresql_where=sa.text(f"{QUERY_OF_AUDIT} IS NOT NULL"),
    ),
    schema="audit",
)
"""`seq` counts the store's records, `sequence` the links of a project's chain; it is null in records that are older than the chain."""

results = sa.Table(
    "results",
    metadata,
    _id("project_id", primary_key=True),
    _id("target", primary_key=True),
    _id("unique_id", primary_key=True),
    _text("kind"),
    _text("name"),
    _text("status"),
    _when("at"),
    sa.Column("tested", JSONB, nullable=False),
    sa.Column("reads", JSONB, nullable=False),
    sa.Column("failures", sa.BigInteger, nullable=True),
    _text("message"),
    _when("loaded_at", nullable=True),
    _text("criteria"),
    _text("generic"),
    schema="quality",
)

readings = sa.Table(
    "readings",
    metadata,
    _id("project_id", primary_key=True),
    _id("target", primary_key=True),
    _when("at"),
    sa.Column("revision", sa.BigInteger, nullable=False),
    schema="quality",
)

runs = sa.Table(
    "runs",
    metadata,
    _id(primary_key=True),
    _id("project_id"),
    _id("target"),
    _text("command"),
    _text("selection"),
    _text("requested_by"),
    _when("started_at"),
    _when("ended_at", nullable=True),
    _text("status"),
    sa.Index("runs_project_id_target_id_idx", "project_id", "target", "id"),
    schema="quality",
)

policies = sa.Table(
    "policies",
    metadata,
    _id(primary_key=True),
    _id("project_id"),
    _id("name"),
    _text("effect"),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("definition", JSONB, nullable=False),
    _when("created_at"),
    _text("created_by"),
    _when("changed_at"),
    _text("changed_by"),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.UniqueConstraint("project_id", "name", name="policies_project_id_name_key"),
    sa.Index("policies_project_id_id_idx", "project_id", "id"),
    schema="policy",
)
"""What an admin wrote is in `definition`; `name`, `effect` and `enabled` are of it, for lists."""

policy_changes = sa.Table(
    "changes",
    metadata,
    sa.Column("number", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    _id("policy_id"),
    _id("project_id"),
    _when("at"),
    _text("by"),
    _text("change"),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("before", JSONB, nullable=True),
    sa.Column("after", JSONB, nullable=True),
    sa.Index("changes_project_id_policy_id_number_idx", "project_id", "policy_id", "number"),
    sa.Index("changes_project_id_number_idx", "project_id", "number"),
    schema="policy",
)
"""Every change of a policy; `number` grows with each, and nothing is ever taken away."""
