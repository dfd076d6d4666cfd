"""The audit trail becomes a chain: each record is numbered in its project, holds the hash of the one before, and is signed.

Records that are there stay as they are, outside of the chain, which begins with the next one.
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

QUERY = 'substring(details, \'"query_id":"(qry_[0-9a-f]{32})"\')'


def upgrade() -> None:
    op.add_column("audit_log", sa.Column("sequence", sa.BigInteger, nullable=True), schema="audit")
    for name in ("email", "previous_hash", "hash", "key_id", "hmac"):
        op.add_column("audit_log", sa.Column(name, sa.Text, nullable=False, server_default=""), schema="audit")
    op.create_unique_constraint("audit_log_project_id_sequence_key", "audit_log", ["project_id", "sequence"], schema="audit")
    for name in ("user_id", "correlation_id"):
        op.create_index(f"audit_log_project_id_{name}_seq_idx", "audit_log", ["project_id", name, "seq"], schema="audit")
    op.create_index("audit_log_project_id_at_idx", "audit_log", ["project_id", "at"], schema="audit")
    op.execute(f"CREATE INDEX audit_log_project_id_query_seq_idx ON audit.audit_log (project_id, ({QUERY}), seq) WHERE {QUERY} IS NOT NULL")


def downgrade() -> None:
    for name in ("query_seq", "at", "correlation_id_seq", "user_id_seq"):
        op.drop_index(f"audit_log_project_id_{name}_idx", "audit_log", schema="audit")
    op.drop_constraint("audit_log_project_id_sequence_key", "audit_log", schema="audit")
    for name in ("hmac", "key_id", "hash", "previous_hash", "email", "sequence"):
        op.drop_column("audit_log", name, schema="audit")
