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
    # The strictest word on it stands: who was shut out at one address is let in at none.
    op.execute(
        """
        DELETE FROM feedback.model_gates AS one USING (
            SELECT id, row_number() OVER (
                PARTITION BY project_id, provider, model
                ORDER BY array_position(ARRAY['rejected', 'held', 'pending', 'passed', 'accepted'], state), id
            ) AS place
            FROM feedback.model_gates
        ) AS ranked
        WHERE one.id = ranked.id AND ranked.place > 1
        """
    )
    op.drop_column(TABLE, "address", schema=SCHEMA)
    op.create_index(INDEX, TABLE, MODEL, unique=True, schema=SCHEMA)
