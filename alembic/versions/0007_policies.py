"""Policies that admins write, and every change of one."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_REFUSE = """
CREATE FUNCTION policy.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'changes of policies are kept as they are' USING ERRCODE = 'insufficient_privilege';
END
$$
"""


def _id(name: str = "id") -> sa.Column:
    return sa.Column(name, sa.Text(collation="C"), nullable=False)


def _text(name: str) -> sa.Column:
    return sa.Column(name, sa.Text, nullable=False)


def _when(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    op.execute("CREATE SCHEMA policy")
    op.create_table(
        "policies",
        _id(),
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
        sa.PrimaryKeyConstraint("id", name="policies_pkey"),
        sa.UniqueConstraint("project_id", "name", name="policies_project_id_name_key"),
        schema="policy",
    )
    op.create_index("policies_project_id_id_idx", "policies", ["project_id", "id"], schema="policy")
    op.create_table(
        "changes",
        sa.Column("number", sa.BigInteger, sa.Identity(always=True), nullable=False),
        _id("policy_id"),
        _id("project_id"),
        _when("at"),
        _text("by"),
        _text("change"),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("before", JSONB, nullable=True),
        sa.Column("after", JSONB, nullable=True),
        sa.PrimaryKeyConstraint("number", name="changes_pkey"),
        schema="policy",
    )
    op.create_index("changes_project_id_policy_id_number_idx", "changes", ["project_id", "policy_id", "number"], schema="policy")
    op.create_index("changes_project_id_number_idx", "changes", ["project_id", "number"], schema="policy")
    op.execute(_REFUSE)
    op.execute(
        "CREATE TRIGGER changes_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON policy.changes "
        "FOR EACH STATEMENT EXECUTE FUNCTION policy.refuse_change()"
    )


def downgrade() -> None:
    op.execute("DROP SCHEMA policy CASCADE")
