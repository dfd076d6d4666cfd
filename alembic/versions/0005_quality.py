"""What dbt's runs said of the data: results, the readings that they came from, and the runs themselves."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _id(name: str = "id") -> sa.Column:
    return sa.Column(name, sa.Text(collation="C"), nullable=False)


def _texts(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _when(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "results",
        _id("project_id"),
        _id("target"),
        _id("unique_id"),
        *_texts("kind", "name", "status"),
        _when("at"),
        sa.Column("tested", JSONB, nullable=False),
        sa.Column("reads", JSONB, nullable=False),
        sa.Column("failures", sa.BigInteger, nullable=True),
        *_texts("message"),
        _when("loaded_at", nullable=True),
        *_texts("criteria", "generic"),
        sa.PrimaryKeyConstraint("project_id", "target", "unique_id", name="results_pkey"),
        schema="quality",
    )
    op.create_table(
        "readings",
        _id("project_id"),
        _id("target"),
        _when("at"),
        sa.Column("revision", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "target", name="readings_pkey"),
        schema="quality",
    )
    op.create_table(
        "runs",
        _id(),
        _id("project_id"),
        _id("target"),
        *_texts("command", "selection", "requested_by"),
        _when("started_at"),
        _when("ended_at", nullable=True),
        *_texts("status"),
        sa.PrimaryKeyConstraint("id", name="runs_pkey"),
        schema="quality",
    )
    op.create_index("runs_project_id_target_id_idx", "runs", ["project_id", "target", "id"], schema="quality")


def downgrade() -> None:
    for table in ("runs", "readings", "results"):
        op.drop_table(table, schema="quality")
