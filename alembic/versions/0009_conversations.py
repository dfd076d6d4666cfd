"""Conversations with their turns, the readings that people chose, and the answers that they share."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SCHEMA = "conversation"


def _id(name: str = "id") -> sa.Column:
    return sa.Column(name, sa.Text(collation="C"), nullable=False)


def _text(name: str) -> sa.Column:
    return sa.Column(name, sa.Text, nullable=False)


def _when(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def upgrade() -> None:
    op.execute(f"CREATE SCHEMA {SCHEMA}")
    op.create_table(
        "conversations",
        _id(),
        _id("project_id"),
        _id("user_id"),
        _text("door"),
        _text("title"),
        _when("created_at"),
        _when("asked_at"),
        sa.Column("turns", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="conversations_pkey"),
        schema=SCHEMA,
    )
    op.create_index("conversations_project_id_user_id_id_idx", "conversations", ["project_id", "user_id", "id"], schema=SCHEMA)
    op.create_index("conversations_project_id_asked_at_idx", "conversations", ["project_id", "asked_at"], schema=SCHEMA)
    op.create_table(
        "turns",
        _id("conversation_id"),
        sa.Column("number", sa.Integer, nullable=False),
        _id("project_id"),
        _id("user_id"),
        _id("query_id"),
        _text("question"),
        _text("restated"),
        _text("outcome"),
        _text("semantic_query"),
        _text("choices"),
        _when("at"),
        sa.PrimaryKeyConstraint("conversation_id", "number", name="turns_pkey"),
        sa.ForeignKeyConstraint(["conversation_id"], [f"{SCHEMA}.conversations.id"], ondelete="CASCADE", name="turns_conversation_id_fkey"),
        schema=SCHEMA,
    )
    op.create_index("turns_conversation_id_query_id_idx", "turns", ["conversation_id", "query_id"], schema=SCHEMA)
    op.create_table(
        "choices",
        _id(),
        _id("project_id"),
        _id("user_id"),
        _id("words"),
        _text("question"),
        _text("text"),
        _text("options"),
        _text("chosen"),
        _when("chosen_at"),
        sa.PrimaryKeyConstraint("id", name="choices_pkey"),
        sa.UniqueConstraint("project_id", "user_id", "words", name="choices_project_id_user_id_words_key"),
        schema=SCHEMA,
    )
    op.create_table(
        "shared",
        _id(),
        _id("project_id"),
        _id("user_id"),
        _id("query_id"),
        _text("question"),
        _text("semantic_query"),
        _text("layer_version"),
        _when("created_at"),
        _when("expires_at"),
        sa.PrimaryKeyConstraint("id", name="shared_pkey"),
        schema=SCHEMA,
    )
    op.create_index("shared_project_id_user_id_idx", "shared", ["project_id", "user_id"], schema=SCHEMA)


def downgrade() -> None:
    for name in ("shared", "choices", "turns", "conversations"):
        op.drop_table(name, schema=SCHEMA)
    op.execute(f"DROP SCHEMA {SCHEMA}")
