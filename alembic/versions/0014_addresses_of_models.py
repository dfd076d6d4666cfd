"""At which address a language model was asked: the same name elsewhere is another model."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SCHEMA, TABLE, INDEX = "feedback", "model_gates", "model_gates_model_idx"
MODEL = ["project_id", "provider", "model"]
ANY = "*"
"""What was kept before: at whatever address, so that who was shut out stays so. The first that is asked takes it over."""


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("address", sa.Text(collation="C"), nullable=False, server_default=ANY), schema=SCHEMA)
    op.alter_column(TABLE, "address", server_default="", schema=SCHEMA)
    op.drop_index(INDEX, TABLE, schema=SCHEMA)
    op.create_index(INDEX, TABLE, [*MODEL, "address"], unique=True, schema=SCHEMA)


def downgrade() -> None:
    op.drop_index(INDEX, TABLE, schema=SCHEMA)
    op.execute(
        """
        DELETE FROM feedback.model_gates AS one USING feedback.model_gates AS other
        WHERE (one.project_id, one.provider, one.model) = (other.project_id, other.provider, other.model) AND one.id > other.id
        """
    )
    op.drop_column(TABLE, "address", schema=SCHEMA)
    op.create_index(INDEX, TABLE, MODEL, unique=True, schema=SCHEMA)
