"""Candidates outlive their layers: what was refused and overtaken is remembered, and its document is not kept."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint("candidates_document_fkey", "candidates", schema="layer", type_="foreignkey")


def downgrade() -> None:
    op.execute(
        "DELETE FROM layer.candidates c WHERE NOT EXISTS"
        " (SELECT 1 FROM layer.documents d WHERE d.document_hash = c.document_hash AND d.project_id = c.project_id)"
    )
    op.create_foreign_key(
        "candidates_document_fkey", "candidates", "documents", ["document_hash", "project_id"], ["document_hash", "project_id"],
        source_schema="layer", referent_schema="layer",
    )  # fmt: skip
