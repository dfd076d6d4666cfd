"""The account of language models, as the newest migration leaves it; `tables` says what holds for all."""

from __future__ import annotations

import sqlalchemy as sa

from app.adapters.store.columns import id_column as _id
from app.adapters.store.tables import metadata


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


model_usage = sa.Table(
    "model_usage",
    metadata,
    _id("project_id", primary_key=True),
    sa.Column("day", sa.Date, primary_key=True),
    _id("user_id", primary_key=True),
    _id("provider", primary_key=True),
    _id("model", primary_key=True),
    _count("calls"),
    _count("failures"),
    _count("tokens_in"),
    _count("tokens_out"),
    sa.Column("cost", sa.Double, nullable=False),
    schema="jobs",
)
"""Sums of a day, and no calls: when somebody asked is in the query log, and what, in the prompts that nobody keeps."""
