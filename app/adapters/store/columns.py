"""The columns of which the store's tables are made."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa


def storable(text: str) -> str:
    """The text as PostgreSQL can keep it: NUL and lone surrogates, which it refuses, become U+FFFD."""
    return text.replace("\x00", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class Text(sa.types.TypeDecorator[str]):
    """Text that is made storable wherever it is bound: what people type must be kept or looked up, never fail a statement."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Called by SQLAlchemy for each bound value."""
        return None if value is None else storable(value)


def id_column(name: str = "id", *, primary_key: bool = False) -> sa.Column[str]:
    """An id, compared bytewise."""
    return sa.Column(name, Text(collation="C"), nullable=False, primary_key=primary_key)


def text_column(name: str) -> sa.Column[str]:
    """A text, which may be empty."""
    return sa.Column(name, Text, nullable=False)


def time_column(name: str, *, nullable: bool = False) -> sa.Column[object]:
    """A moment, with its time zone."""
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
