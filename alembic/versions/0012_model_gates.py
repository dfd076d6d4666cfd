"""Language models that wait for a replay of the approved questions, and what was decided of them."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SCHEMA = "feedback"


def _id(name: str = "id") -> sa.Column:
    return sa.Column(name, sa.Text(collation="C"), nullable=False)


def _text(name: str) -> sa.Column:
    return sa.Column(name, sa.Text, nullable=False)


def _count(name: str) -> sa.Column:
    return sa.Column(name, sa.Integer, nullable=False)


def _when(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "model_gates",
        _id(),
        _id("project_id"),
        _id("provider"),
        _id("model"),
        _when("created_at"),
        _text("state"),
        _text("heard"),
        _count("approved"),
        _text("fault"),
        _count("tries"),
        _when("tried_at", nullable=True),
        _when("replayed_at", nullable=True),
        _id("decided_by"),
        _when("decided_at", nullable=True),
        _text("reason"),
        sa.PrimaryKeyConstraint("id", name="model_gates_pkey"),
        schema=SCHEMA,
    )
    op.create_index("model_gates_model_idx", "model_gates", ["project_id", "provider", "model"], unique=True, schema=SCHEMA)


def downgrade() -> None:
    op.drop_table("model_gates", schema=SCHEMA)
