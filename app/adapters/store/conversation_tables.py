"""The tables of the schema `conversation`, as the newest migration leaves them; `tables` says what holds for all."""

from __future__ import annotations

import sqlalchemy as sa

from app.adapters.store.columns import Text
from app.adapters.store.columns import id_column as _id
from app.adapters.store.columns import text_column as _text
from app.adapters.store.columns import time_column as _when
from app.adapters.store.tables import metadata

SCHEMA = "conversation"

conversations = sa.Table(
    "conversations",
    metadata,
    _id(primary_key=True),
    _id("project_id"),
    _id("user_id"),
    _text("door"),
    _text("title"),
    _when("created_at"),
    _when("asked_at"),
    sa.Column("turns", sa.Integer, nullable=False),
    sa.Index("conversations_project_id_user_id_id_idx", "project_id", "user_id", "id"),
    sa.Index("conversations_project_id_asked_at_idx", "project_id", "asked_at"),
    schema=SCHEMA,
)
"""`turns` is the number of the last turn: who changes it has the row's lock, so that turns have one order."""

turns = sa.Table(
    "turns",
    metadata,
    sa.Column(
        "conversation_id",
        Text(collation="C"),
        sa.ForeignKey(f"{SCHEMA}.conversations.id", ondelete="CASCADE", name="turns_conversation_id_fkey"),
        nullable=False,
        primary_key=True,
    ),
    sa.Column("number", sa.Integer, nullable=False, primary_key=True),
    _id("project_id"),
    _id("user_id"),
    _id("query_id"),
    _text("question"),
    _text("restated"),
    _text("outcome"),
    _text("semantic_query"),
    _text("choices"),
    _when("at"),
    sa.Index("turns_conversation_id_query_id_idx", "conversation_id", "query_id"),
    schema=SCHEMA,
)

choices = sa.Table(
    "choices",
    metadata,
    _id(primary_key=True),
    _id("project_id"),
    _id("user_id"),
    _id("words"),
    _text("question"),
    _text("text"),
    _text("options"),
    _text("chosen"),
    _when("chosen_at"),
    sa.UniqueConstraint("project_id", "user_id", "words", name="choices_project_id_user_id_words_key"),
    schema=SCHEMA,
)

shared = sa.Table(
    "shared",
    metadata,
    _id(primary_key=True),
    _id("project_id"),
    _id("user_id"),
    _id("query_id"),
    _text("question"),
    _text("semantic_query"),
    _text("layer_version"),
    _when("created_at"),
    _when("expires_at"),
    sa.Index("shared_project_id_user_id_idx", "project_id", "user_id"),
    schema=SCHEMA,
)
