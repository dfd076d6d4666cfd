"""Training sets: which training items each layer has."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "training_sets",
        sa.Column("seq", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("project_id", sa.Text(collation="C"), nullable=False),
        sa.Column("document_hash", sa.Text(collation="C"), nullable=False),
        sa.Column("ids", sa.ARRAY(sa.Text(collation="C")), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "document_hash", name="training_sets_pkey"),
        sa.UniqueConstraint("seq", name="training_sets_seq_key"),
        schema="layer",
    )


def downgrade() -> None:
    op.drop_table("training_sets", schema="layer")
