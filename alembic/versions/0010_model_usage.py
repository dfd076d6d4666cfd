"""What language models used: tokens and cost, by person, model and day."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SCHEMA = "jobs"


def _id(name: str) -> sa.Column:
    return sa.Column(name, sa.Text(collation="C"), nullable=False)


def _count(name: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger, nullable=False)


def upgrade() -> None:
    op.create_table(
        "model_usage",
        _id("project_id"),
        sa.Column("day", sa.Date, nullable=False),
        _id("user_id"),
        _id("provider"),
        _id("model"),
        _count("calls"),
        _count("failures"),
        _count("tokens_in"),
        _count("tokens_out"),
        sa.Column("cost", sa.Double, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "day", "user_id", "provider", "model", name="model_usage_pkey"),
        schema=SCHEMA,
    )


def downgrade() -> None:
    op.drop_table("model_usage", schema=SCHEMA)
