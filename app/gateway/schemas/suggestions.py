"""Bodies of suggestions."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from app.gateway.schemas.base import Reply


class CompletionItem(Reply):
    """A whole question that is answered when it is asked, and how it is read."""

    question: str = Field(examples=["revenue by country last month"])
    restated: str = Field(examples=["Revenue by country, 1 Jun 2026 to 30 Jun 2026"])


class CompletionsReply(Reply):
    """Completions of a text, the likeliest first."""

    items: list[CompletionItem]
    correlation_id: str


class TrendItem(Reply):
    """A question that several people asked, in our words; `query` goes to POST /query as `semantic_query`."""

    question: str = Field(examples=["Revenue by country, 1 Jun 2026 to 30 Jun 2026"])
    query: dict[str, Any]


class TrendingReply(Reply):
    """What is asked most, first."""

    items: list[TrendItem]
    correlation_id: str
