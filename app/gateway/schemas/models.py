"""Bodies of what language models used."""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from app.gateway.schemas.base import Reply


class UsageReply(Reply):
    """What one person used of one model on one day (UTC). `failures` are calls that ended without a draft; tokens are the vendor's count, and `cost` is in US dollars
    by the prices that were set then."""

    day: dt.date
    user_id: str
    provider: str = Field(examples=["anthropic"])
    model: str
    calls: int
    failures: int
    tokens_in: int
    tokens_out: int
    cost: float


class UsagePage(Reply):
    """A page, newest day first; `next_cursor` is null on the last."""

    items: list[UsageReply]
    next_cursor: str | None
