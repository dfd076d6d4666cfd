"""Versions: numbered publications, the code beside a layer, what differs between two, and candidates for an admin."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NUMBERED = """
UPDATE layer.publications AS one SET number = counted.number
FROM (SELECT id, row_number() OVER (PARTITION BY project_id ORDER BY seq) AS number FROM layer.publications) AS counted
WHERE one.id = counted.id
"""


def _id(name: str = "id") -> sa.Column:
    return sa.Column(name, sa.Text(collation="C"), nullable=False)


def _texts(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def upgrade() -> None:
    """Publications that are there already are numbered in their order; for all else they count as ordinary syncs."""
    for name, kind, value in (
        ("number", sa.Integer, "0"),
        ("origin", sa.Text, "sync"),
        ("reason", sa.Text, ""),
        ("worst", sa.Text, ""),
        ("restores", sa.Integer, "0"),
        ("code_hash", sa.Text, ""),
    ):
        op.add_column("publications", sa.Column(name, kind, nullable=False, server_default=value), schema="layer")
    op.execute(NUMBERED)
    for name in ("number", "origin", "reason", "worst", "restores", "code_hash"):
        op.alter_column("publications", name, server_default=None, schema="layer")
    op.create_unique_constraint("publications_project_id_number_key", "publications", ["project_id", "number"], schema="layer")
    op.create_table(
        "codes",
        _id("project_id"),
        _id("code_hash"),
        sa.Column("code", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "code_hash", name="codes_pkey"),
        schema="layer",
    )
    op.create_table(
        "reports",
        _id("project_id"),
        _id("old_hash"),
        _id("new_hash"),
        sa.Column("report", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "old_hash", "new_hash", name="reports_pkey"),
        schema="layer",
    )
    op.create_table(
        "candidates",
        _id(),
        _id("project_id"),
        *_texts("layer_hash"),
        _id("document_hash"),
        _id("base_hash"),
        sa.Column("compiled_at", sa.DateTime(timezone=True), nullable=False),
        *_texts("compiled_by", "git_commit", "worst"),
        sa.Column("causes", JSONB, nullable=False),
        *_texts("code_hash", "state"),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        *_texts("decided_by", "reason"),
        sa.PrimaryKeyConstraint("id", name="candidates_pkey"),
        sa.ForeignKeyConstraint(
            ["document_hash", "project_id"],
            ["layer.documents.document_hash", "layer.documents.project_id"],
            name="candidates_document_fkey",
        ),
        schema="layer",
    )
    op.create_index("candidates_project_id_id_idx", "candidates", ["project_id", "id"], schema="layer")


def downgrade() -> None:
    for table in ("candidates", "reports", "codes"):
        op.drop_table(table, schema="layer")
    for name in ("code_hash", "restores", "worst", "reason", "origin", "number"):
        op.drop_column("publications", name, schema="layer")
