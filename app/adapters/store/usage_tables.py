"""The account of language models, as the newest migration leaves it; `tables` says what holds for all."""

from __future__ import annotations

import sqlalchemy as sa

from app.adapters.store.tables import Text, metadata


def _id(name: str) -> sa.Column[str]:
    return sa.Column(name, Text(collation="C"), nullable=False, primary_key=True)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


model_usage = sa.Table(
    "model_usage",
    metadata,
    _id("project_id"),
    sa.Column("day", sa.Date, primary_key=True),
    _id("user_id"),
    _id("provider"),
    _id("model"),
    _count("calls"),
    _count("failures"),
    _count("tokens_in"),
    _count("tokens_out"),
    sa.Column("cost", sa.Double, nullable=False),
    schema="jobs",
)
"""Sums of a day, and no calls: when somebody asked is in the query log, and what, in the prompts that nobody keeps."""
